"""One row each of the platforms outside Taobao: its cells by heading, and what they make."""

from datetime import datetime
from typing import Any

CREATED, PAID = datetime(2025, 1, 2, 9, 1, 2), datetime(2025, 1, 2, 9, 5)
SENT, DONE = datetime(2025, 1, 3, 8), datetime(2025, 1, 6, 20, 15)
DAY, NEXT_DAY = datetime(2025, 1, 2), datetime(2025, 1, 3)
#: What every order below says unless it says so itself.
ORDER = {
    "created_at": CREATED, "paid_at": PAID, "shipped_at": SENT, "received_at": DONE,
    "title": "甲款", "pieces": 2,
}  # fmt: skip

ETSY = {
    "Sale Date": "01/02/25", "Order ID": "2740000001", "Buyer User ID": "sampleuser1",
    "Full Name": "Pat P", "Number of Items": "2", "Date Shipped": "01/03/25",
    "Date Posted": "01/03/25", "Street 1": "1 Sample Road", "Ship State": "MA",
    "Delivery State": "MA", "Currency": "EUR", "Order Value": "36.00", "Shipping": "4.00",
    "Delivery": "4.00", "Sales Tax": "2.50", "Order Total": "42.50",
    "Adjusted Order Total": "32.50", "Adjusted Net Order Amount": "30.95",
}  # fmt: skip
ETSY_ROW = {
    "order_id": "2740000001", "buyer": "sampleuser1", "created_at": DAY, "paid_at": DAY,
    "shipped_at": NEXT_DAY, "goods_payable_fen": 3_600, "postage_fen": 400, "total_fen": 4_250,
    "paid_fen": 4_250, "refund_fen": 1_000, "pieces": 2, "region": "MA",
}  # fmt: skip
# Whether a British file writes the day or the month first, its own dates tell.
ETSY_UK = ETSY | {"Sale Date": "01/22/25", "Date Posted": "01/23/25"}
ETSY_UK_ROW = ETSY_ROW | {
    "created_at": datetime(2025, 1, 22), "paid_at": datetime(2025, 1, 22),
    "shipped_at": datetime(2025, 1, 23),
}  # fmt: skip
ETSY_ITEM = {
    "Sale Date": "01/02/25", "Item Name": "甲款", "Buyer": "Pat P", "Quantity": "2",
    "Price": "18.00", "Item Total": "36.00", "Currency": "EUR", "Transaction ID": "4001",
    "Listing ID": "9001", "Date Paid": "01/02/25", "Date Shipped": "01/03/25",
    "Order ID": "2740000001", "Variations": "Style: Matte", "SKU": "A-1",
}  # fmt: skip
ETSY_ITEM_ROW = {
    "order_id": "2740000001", "item_order_id": "4001", "item_id": "9001", "title": "甲款",
    "quantity": 2, "price_fen": 1_800, "paid_fen": 3_600, "created_at": DAY, "paid_at": DAY,
    "shipped_at": NEXT_DAY, "sku_text": "Style: Matte", "merchant_code": "A-1",
}  # fmt: skip

_SHOPEE = (
    # English, Indonesian, Vietnamese, Thai, Chinese of Taiwan; then the cell.
    ("Order ID", "No. Pesanan", "Mã đơn hàng", "หมายเลขคำสั่งซื้อ", "訂單編號", "250102SAMPLE"),
    ("Username (Buyer)", "Username (Pembeli)", "Người Mua", "ชื่อผู้ใช้ (ผู้ซื้อ)", "買家帳號", "user1"),
    ("Order Creation Date", "Waktu Pesanan Dibuat", "Ngày đặt hàng", "วันที่ทำการสั่งซื้อ",
     "訂單成立日期", "2025-01-02 09:01"),
    ("Order Paid Time", "Waktu Pembayaran Dilakukan", "Thời gian đơn hàng được thanh toán",
     "เวลาการชำระสินค้า", "買家付款時間", "2025-01-02 09:05"),
    ("Ship Time", "", "Ngày gửi hàng", "เวลาส่งสินค้า", "實際出貨時間", "2025-01-03 08:00"),
    ("Order Complete Time", "Waktu Pesanan Selesai", "Thời gian hoàn thành đơn hàng", "",
     "訂單完成時間", "2025-01-06 20:15"),
    ("Product Name", "Nama Produk", "Tên sản phẩm", "ชื่อสินค้า", "商品名稱", "甲款"),
    ("Quantity", "Jumlah", "Số lượng", "จำนวน", "數量", "2"),
    ("Order Status", "Status Pesanan", "Trạng Thái Đơn Hàng", "สถานะการสั่งซื้อ", "訂單狀態", ""),
    ("Receiver Name", "Nama Penerima", "Tên Người nhận", "ชื่อผู้รับ", "收件者姓名", "Pat P"),
    ("Phone Number", "No. Telepon", "Số điện thoại", "หมายเลขโทรศัพท์", "收件者電話", "13000000000"),
)  # fmt: skip
_FINISHED = ("Completed", "Selesai", "Hoàn thành", "สำเร็จแล้ว", "已完成")
_MONEY: tuple[dict[str, str], ...] = (
    {"Product Subtotal": "100.00", "Total Amount": "95.50", "Buyer Paid Shipping Fee": "6.00"},
    {"Subtotal Pesanan": "120.000", "Total Pembayaran": "1.126.000",
     "Ongkos Kirim Dibayar oleh Pembeli": "6.000", "Provinsi": "Jawa Barat"},
    {"Tổng giá bán (sản phẩm)": "120.000", "Tổng giá trị đơn hàng (VND)": "126.000",
     "Tổng số tiền người mua thanh toán": "126.000", "Phí vận chuyển mà người mua trả": "6000"},
    {"ราคาขายสุทธิ": "100", "จำนวนเงินทั้งหมด": "95.5", "ค่าจัดส่งที่ชำระโดยผู้ซื้อ": "6"},
    {"買家總支付金額": "95.50", "買家支付運費": "6", "城市": "臺北市"},
)  # fmt: skip
_MADE: tuple[dict[str, Any], ...] = (
    {"goods_payable_fen": 10_000, "postage_fen": 600, "total_fen": 9_550, "paid_fen": 9_550},
    {"goods_payable_fen": 12_000_000, "postage_fen": 600_000, "total_fen": 112_600_000,
     "paid_fen": 112_600_000, "region": "Jawa Barat"},
    {"goods_payable_fen": 12_000_000, "postage_fen": 600_000, "total_fen": 12_600_000,
     "paid_fen": 12_600_000},
    {"goods_payable_fen": 10_000, "postage_fen": 600, "total_fen": 9_550, "paid_fen": 9_550},
    {"postage_fen": 600, "total_fen": 9_550, "paid_fen": 9_550, "region": "臺北市"},
)  # fmt: skip


def _shopee(language: int) -> tuple[dict[str, str], dict[str, Any]]:
    """The cells and the row of a Shopee file in one of the languages."""
    cells = {line[language]: line[-1] or _FINISHED[language] for line in _SHOPEE if line[language]}
    row = ORDER | {
        "order_id": "250102SAMPLE", "buyer": "user1", "created_at": datetime(2025, 1, 2, 9, 1),
        "status": "finished", "status_text": _FINISHED[language],
    }  # fmt: skip
    return cells | _MONEY[language], row | _MADE[language]


LAZADA = {
    "orderItemId": "8001", "sellerSku": "A-1", "lazadaSku": "L-1",
    "createTime": "02 Jan 2025 09:01", "orderNumber": "7001",
    "deliveredDate": "06 Jan 2025 20:15", "customerName": "Pat P", "shippingRegion": "Bangkok",
    "paidPrice": "211.50", "unitPrice": "235.00", "shippingFee": "30.00", "itemName": "甲款",
    "status": "confirmed", "refundAmount": "11.50",
}  # fmt: skip
LAZADA_2020 = {
    "Order Item Id": "8001", "Created at": "02 Jan 2025 09:01", "Order Number": "7001",
    "Customer Name": "Pat P", "Shipping Region": "Bangkok", "Paid Price": "211.50",
    "Unit Price": "235.00", "Shipping Fee": "30.00", "Item Name": "甲款", "Status": "confirmed",
    "Refund Amount": "11.50",
}  # fmt: skip
LAZADA_ROW = ORDER | {
    "order_id": "7001", "created_at": datetime(2025, 1, 2, 9, 1),
    "paid_at": datetime(2025, 1, 2, 9, 1), "goods_payable_fen": 23_500, "postage_fen": 3_000,
    "paid_fen": 24_150, "refund_fen": 1_150, "status": "finished", "status_text": "confirmed",
    "pieces": 1, "region": "Bangkok",
}  # fmt: skip
EBAY = {
    "Sales Record Number": "101", "Order Number": "01-10000-00001", "Buyer Username": "user1",
    "Buyer Name": "Pat P", "Item Number": "123456789012", "Item Title": "甲款",
    "Custom Label": "A-1", "Quantity": "2", "Sold For": "$9.99", "Shipping And Handling": "$3.99",
    "Total Price": "$23.97", "Sale Date": "Jan-02-25", "Paid On Date": "Jan-02-25",
    "Shipped On Date": "Jan-03-25", "Ship To State": "MA",
}  # fmt: skip
EBAY_ROW = ORDER | {
    "order_id": "01-10000-00001", "buyer": "user1", "created_at": DAY, "paid_at": DAY,
    "shipped_at": NEXT_DAY, "postage_fen": 399, "total_fen": 2_397, "paid_fen": 2_397,
    "region": "MA",
}  # fmt: skip
AMAZON = {
    "amazon-order-id": "111-0000000-0000001", "purchase-date": "2025-01-02T01:01:02+00:00",
    "order-status": "Shipped", "item-status": "Shipped", "product-name": "甲款", "sku": "A-1",
    "asin": "B00SAMPLE", "quantity": "2", "currency": "USD", "item-price": "20.00",
    "item-tax": "1.60", "shipping-price": "4.00", "shipping-tax": "0.40",
    "gift-wrap-price": "1.00", "gift-wrap-tax": "0.10", "item-promotion-discount": "2.00",
    "ship-promotion-discount": "3.00", "ship-city": "SAMPLETON", "ship-state": "MA",
}  # fmt: skip
# 20.00 + 4.00 + 1.00 − 2.00 − 3.00 and 1.60 + 0.40 + 0.10 of tax
AMAZON_ROW = ORDER | {
    "order_id": "111-0000000-0000001", "paid_at": CREATED, "goods_payable_fen": 1_800,
    "postage_fen": 100, "paid_fen": 2_210, "status": "shipped", "status_text": "Shipped",
    "region": "MA",
}  # fmt: skip
AMAZON_FLAT = AMAZON | {
    "order-id": "111-0000000-0000001", "payments-date": "2025-01-02T01:05:00+00:00",
    "shipment-date": "2025-01-03T00:00:00+00:00", "quantity-purchased": "2",
    "quantity-shipped": "2", "buyer-name": "Pat P",
}  # fmt: skip
# Without gift wrap in the order report: 20.00 + 4.00 − 2.00 − 3.00 and 1.60 + 0.40 of tax
AMAZON_FLAT_ROW = AMAZON_ROW | {"paid_at": PAID, "status": "paid", "paid_fen": 2_100}
AMAZON_SHIPPED_ROW = AMAZON_FLAT_ROW | {"paid_fen": 2_210}
WOO = {
    "Order Number": "5001", "Order Status": "Completed", "Order Date": "2025-01-02 09:01",
    "First Name (Billing)": "Pat", "Email (Billing)": "pat@example.com",
    "State Code (Shipping)": "MA", "Cart Discount Amount": "4.50",
    "Order Subtotal Amount": "100.00", "Order Shipping Amount": "6.00",
    "Order Refund Amount": "10.00", "Order Total Amount": "101.50", "SKU": "A-1", "Item #": "1",
    "Item Name": "甲款", "Quantity": "2", "Item Cost": "50.00",
}  # fmt: skip
WOO_ROW = ORDER | {
    "order_id": "5001", "created_at": datetime(2025, 1, 2, 9, 1),
    "paid_at": datetime(2025, 1, 2, 9, 1), "goods_payable_fen": 9_550, "postage_fen": 600,
    "total_fen": 10_150, "paid_fen": 10_150, "refund_fen": 1_000, "status": "finished",
    "status_text": "Completed", "region": "MA",
}  # fmt: skip
TIKTOK = {
    "Order ID": "576000000000000001\t", "Order Status": "Completed", "SKU ID": "1729000001",
    "Seller SKU": "A-1", "Product Name": "甲款", "Variation": "红", "Quantity": "2",
    "SKU Unit Original Price": "50.00", "SKU Subtotal After Discount": "90.00",
    "Shipping Fee After Discount": "5.50", "Order Amount": "95.50",
    "Order Refund Amount": "10.00", "Created Time": "02/01/2025 09:01:02",
    "Paid Time": "02/01/2025 09:05:00", "Shipped Time": "03/01/2025 08:00:00",
    "Delivered Time": "16/01/2025 20:15:00", "Buyer Username": "user1", "Recipient": "Pat P",
    "Province": "Jawa Barat",
}  # fmt: skip
TIKTOK_ROW = ORDER | {
    "order_id": "576000000000000001", "buyer": "user1",
    "received_at": datetime(2025, 1, 16, 20, 15), "goods_payable_fen": 9_000,
    "postage_fen": 550, "total_fen": 9_550, "paid_fen": 9_550, "refund_fen": 1_000,
    "status": "finished", "status_text": "Completed", "region": "Jawa Barat",
}  # fmt: skip
ALIBABA = {
    "订单编号": "1000000000000000011", "买家公司名": "某公司", "买家会员名": "buyer_a",
    "货品总价(元)": "100.00", "运费(元)": "6.00", "涨价或折扣(元)": "-10.50", "实付款(元)": "95.50",
    "订单状态": "交易成功", "订单创建时间": "2025/01/02 09:01:02",
    "订单付款时间": "2025/01/02 09:05:00", "收货人姓名": "某某", "收货地址": "浙江省 杭州市",
    "联系手机": "13000000000", "货品标题": "甲款", "单价(元)": "50.00", "数量": "2",
    "货品种类": "1", "Offer ID": "6001",
}  # fmt: skip
ALIBABA_ROW = ORDER | {
    "order_id": "1000000000000000011", "buyer": "buyer_a", "goods_payable_fen": 10_000,
    "postage_fen": 600, "total_fen": 9_550, "paid_fen": 9_550, "status": "finished",
    "status_text": "交易成功", "kinds": 1, "region": "浙江省",
}  # fmt: skip
WECHAT = {
    "订单号": "wx-001", "下单时间": "2025-01-02 09:01:02", "订单下单时间": "2025-01-02 09:01:02",
    "付款时间": "2025-01-02 09:05:00", "支付时间": "2025-01-02 09:05:00",
    "订单发货时间": "2025-01-03 08:00:00", "订单确认收货时间": "2025-01-06 20:15:00",
    "订单状态": "已完成", "实付金额": "95.50", "订单实际支付金额": "95.50", "商品总价": "100.00",
    "订单运费": "6.00", "订单实际收款金额": "90.00", "退款金额": "20.00", "商品已退款金额": "20.00",
    "商品名称": "甲款", "数量": "2", "商品数量": "2", "省": "浙江省", "收件人姓名": "某某",
    "收件人手机": "13000000000",
}  # fmt: skip
WECHAT_ROW = ORDER | {
    "order_id": "wx-001", "goods_payable_fen": 10_000, "postage_fen": 600, "total_fen": 9_550,
    "paid_fen": 9_550, "settled_fen": 9_000, "refund_fen": 2_000, "status": "finished",
    "status_text": "已完成", "region": "浙江省",
}  # fmt: skip
KUAISHOU = {
    "订单号": "2500000001", "订单创建时间": "2025-01-02 09:01:02",
    "订单支付时间": "2025-01-02 09:05:00", "订单状态": "已发货", "实付款": "95.50",
    "快递费": "6.00", "成交数量": "2", "商品名称": "甲款", "商品ID": "900001", "商品单价": "50.00",
    "收货人姓名": "某*", "收货地址-省": "浙江省", "发货时间": "2025-01-03 08:00:00",
}  # fmt: skip
KUAISHOU_ROW = ORDER | {
    "order_id": "2500000001", "postage_fen": 600, "paid_fen": 9_550, "status": "shipped",
    "status_text": "已发货", "region": "浙江省",
}  # fmt: skip
XIAOHONGSHU = {
    "订单号": "P700000001", "订单状态": "已完成", "收件人姓名": "某某", "省": "浙江省",
    "规格ID": "spec-1", "SKU件数": "2", "商品总价(元)": "100.00", "用户应付金额(元)": "95.50",
    "商家应收金额(元)（支付金额）": "97.00", "支付时间": "2025-01-02 09:05:00",
    "订单创建时间": "2025-01-02 09:01:02", "订单发货时间": "2025-01-03 08:00:00",
    "订单完成时间": "2025-01-06 20:15:00", "商品名称": "甲款", "店铺名称": "示例店",
}  # fmt: skip
XIAOHONGSHU_ROW = ORDER | {
    "order_id": "P700000001", "goods_payable_fen": 10_000, "paid_fen": 9_550,
    "settled_fen": 9_700, "status": "finished", "status_text": "已完成", "region": "浙江省",
    "shop_name": "示例店",
}  # fmt: skip

#: Per family (the layout ids that begin so): cells by heading, and the row they make.
FAMILIES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "etsy_orders": (ETSY, ETSY_ROW),
    "etsy_orders_delivery": (ETSY_UK, ETSY_UK_ROW),
    "etsy_order_items": (ETSY_ITEM, ETSY_ITEM_ROW),
    "shopee_orders": _shopee(0),
    "shopee_orders_id": _shopee(1),
    "shopee_orders_vi": _shopee(2),
    "shopee_orders_th": _shopee(3),
    "shopee_orders_tw": _shopee(4),
    "lazada_orders": (LAZADA, LAZADA_ROW),
    "lazada_orders_2020": (LAZADA_2020, LAZADA_ROW),
    "ebay_orders": (EBAY, EBAY_ROW),
    "amazon_orders": (AMAZON, AMAZON_ROW),
    "amazon_orders_flat": (AMAZON_FLAT, AMAZON_FLAT_ROW),
    "amazon_orders_shipped": (AMAZON_FLAT, AMAZON_SHIPPED_ROW),
    "woocommerce_orders": (WOO, WOO_ROW),
    "tiktok_orders": (TIKTOK, TIKTOK_ROW),
    "alibaba_orders": (ALIBABA, ALIBABA_ROW),
    "wechat_orders": (WECHAT, WECHAT_ROW),
    "kuaishou_orders": (KUAISHOU, KUAISHOU_ROW),
    "xiaohongshu_orders": (XIAOHONGSHU, XIAOHONGSHU_ROW),
}
#: What their amounts are in; "" where nothing in the file tells ($ is many countries' sign).
CURRENCIES = {
    "etsy_orders": "EUR",
    "etsy_orders_delivery": "EUR",
    "etsy_order_items": "EUR",
    "shopee_orders": "",
    "shopee_orders_id": "IDR",
    "shopee_orders_vi": "VND",
    "shopee_orders_th": "THB",
    "shopee_orders_tw": "TWD",
    "lazada_orders": "",
    "lazada_orders_2020": "",
    "ebay_orders": "",
    "amazon_orders": "USD",
    "amazon_orders_flat": "USD",
    "amazon_orders_shipped": "USD",
    "woocommerce_orders": "",
    "tiktok_orders": "",
    "alibaba_orders": "CNY",
    "wechat_orders": "CNY",
    "kuaishou_orders": "CNY",
    "xiaohongshu_orders": "CNY",
}
