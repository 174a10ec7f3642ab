from pages.shared import empty

view = empty.view_of("orders")
