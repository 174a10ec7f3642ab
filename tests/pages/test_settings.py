from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from streamlit.testing.v1 import AppTest

from pages.records.parts.settings_errors import sentences
from store.settings import ShopSettings
from store.shop_settings import load_settings, save_settings
from tests.pages.shops import fill, opened, trading
from tests.store.feeds import reading, upload

SETTINGS = "records/settings"


def part(store: Path, name: str) -> AppTest:
    fill(store, trading())
    at = opened(SETTINGS, lang="en")
    at.segmented_control(key="settings_part").set_value(name).run()
    assert not at.exception
    return at


def saved(at: AppTest) -> None:
    next(button for button in at.button if button.label == "Save").click().run()
    assert not at.exception


def test_without_a_shop_the_page_names_the_next_step() -> None:
    assert "first upload" in opened(SETTINGS).info[0].value


def test_a_rule_is_saved_with_the_shop(store: Path) -> None:
    at = part(store, "rules")
    at.number_input(key="settings_after_sale_days").set_value(30)
    at.text_area(key="settings_filtered").set_value("spam\n\n promo ")
    saved(at)
    assert at.success[0].value == "Saved."
    settings = load_settings(store, "shop")
    assert settings.after_sale_days == 30
    assert settings.filtered_buyers == ("spam", "promo")


def test_a_target_is_typed_as_people_say_it(store: Path) -> None:
    at = part(store, "targets")
    at.number_input(key="settings_target_reply_rate").set_value(97.5)
    at.number_input(key="settings_target_dsr_service").set_value(None)
    saved(at)
    targets = load_settings(store, "shop").targets
    assert targets["reply_rate"] == 0.975
    assert "dsr_service" not in targets


def test_a_score_that_is_no_number_is_named(store: Path) -> None:
    at = part(store, "targets")
    at.text_input(key="settings_gates").set_value("4.6, high")
    saved(at)
    assert at.error[0].value == "A campaign's score is a number such as 4.6; high is none."
    assert load_settings(store, "shop") == ShopSettings()


def test_hiding_names_can_be_switched_off(store: Path) -> None:
    at = part(store, "privacy")
    at.toggle(key="settings_mask_buyers").set_value(False)
    saved(at)
    assert load_settings(store, "shop").mask_buyers is False


@pytest.mark.parametrize("name", ["hours", "agents", "reasons", "industry", "campaigns"])
def test_saving_a_part_unchanged_changes_nothing(name: str, store: Path) -> None:
    at = part(store, name)
    saved(at)
    assert not at.error
    assert load_settings(store, "shop") == ShopSettings()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        pytest.param(
            {
                "working_hours": [
                    {"start": "08:00", "end": "12:00"},
                    {"start": "18:00", "end": "09:00"},
                ]
            },
            "Working hours, row 2: the start must lie before the end. Split a night shift at "
            "midnight into two rows.",
            id="hours",
        ),
        pytest.param(
            {"campaigns": [{"name": "11.11", "first": "2024-11-12", "last": "2024-11-11"}]},
            "Campaign in row 1: give a first day that is not after the last, orders of 0 or more "
            "and mean stars from 1 to 5.",
            id="campaign",
        ),
        pytest.param(
            {"industry": {"service": {"mean": 6}}},
            "Industry scores lie between 1 and 5; 6 does not.",
            id="industry",
        ),
        pytest.param(
            {"time_zone": "Mars/Base"},
            "Mars/Base is no time zone; choose one from the list.",
            id="zone",
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ShopSettings.model_validate(wrong, strict=False)
    assert sentences(caught.value) == [sentence]


def test_another_shop_shows_its_own_settings(store: Path) -> None:
    fill(store, trading(1), shop="strict")
    save_settings(store, "strict", ShopSettings(after_sale_days=3), "test")
    at = part(store, "rules")
    for name, days in (("shop", 21), ("strict", 3), ("shop", 21)):
        at.selectbox(key="filters_shop").set_value(name).run()
        assert not at.exception
        assert at.number_input(key="settings_after_sale_days").value == days


def test_after_a_change_of_zone_the_page_names_the_files_to_upload_again(store: Path) -> None:
    moment = datetime(2025, 3, 5, 10)
    rows = [{"order_id": "1", "created_at": moment, "paid_at": moment}]
    upload(store, reading("orders", rows, zone="Asia/Shanghai"), sha="a", shop="shop")
    at = opened(SETTINGS, lang="en")
    field = at.selectbox(key="settings_zone")
    assert "take these files back" in field.help
    assert not at.warning
    field.set_value("Asia/Tokyo")
    saved(at)
    assert load_settings(store, "shop").time_zone == "Asia/Tokyo"
    assert "brought to Asia/Shanghai, not to Asia/Tokyo" in at.warning[0].value
    assert "a.csv" in at.warning[0].value
