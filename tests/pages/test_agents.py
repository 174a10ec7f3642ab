"""The agents page and the case book, through the app."""

import json
from datetime import date
from pathlib import Path

from streamlit.testing.v1 import AppTest

from metrics.cases.sample import candidates, drawn
from store.notes import notes, write_note
from store.settings import ShopSettings
from store.tables import shop_tables
from tests.pages.shops import fill, opened, said
from tests.pages.teams import LAGS, performance, team


def buttons(at: AppTest, label: str) -> list[str]:
    return [str(button.key) for button in at.button if button.label == label]


def test_the_page_names_the_one_who_lags_and_nobody_else(store: Path) -> None:
    fill(store, team())
    at = opened("service/agents", lang="en")
    assert "1 of 4 agents stand out from the team" in said(at)
    # dan received 48 buyers and answered 24; the others 144 of 144.
    assert "- Reply rate 50.0%, team 100.0% (n 48)" in said(at)
    assert "- Place 1–3: ann, bea, cat\n- Place 4: dan" in said(at)


def test_a_link_opens_an_agent_and_another_is_picked(store: Path) -> None:
    fill(store, team())
    at = opened("service/agents", lang="en", agent=LAGS)
    assert "Scorecard of dan" in said(at)
    at.selectbox(key="agents_agent").set_value("bea").run()
    assert not at.exception
    assert "Scorecard of bea" in said(at)
    at.selectbox(key="agents_metric").set_value("response_time_platform").run()
    assert not at.exception
    assert "(Average response (platform))" in said(at)


def test_performance_tables_alone_give_scorecards(store: Path) -> None:
    fill(store, {"service_days": performance()})
    at = opened("service/agents", lang="en")
    assert "1 of 4 agents stand out from the team" in said(at)
    assert "- Reply rate 50.0%, team 97.5% (n 480)" in said(at)
    assert "Upload chat records to see shifts, hours and buyers served at once." in said(at)


def test_the_case_book_says_what_a_shop_without_chats_lacks(store: Path) -> None:
    fill(store, {"service_days": performance()})
    at = opened("service/cases", lang="en")
    assert "this shop has only performance tables" in said(at)
    assert "Case book: 0 cases" in said(at)


def test_a_conversation_is_read_with_its_wait_and_what_was_noticed(store: Path) -> None:
    fill(store, team())
    at = opened("service/cases", lang="en", agent=LAGS)
    read = next(radio for radio in at.radio if str(radio.key).startswith("cases_read"))
    assert [option.split(" · ")[0] for option in read.options] == [
        *["Not answered"] * 3, *["Slow"] * 3, *["Good"] * 2,
    ]  # fmt: skip
    assert "no answer that day" in said(at)
    read.set_value(3).run()
    assert "after 7 min" in said(at)
    for name in ("The first answer took too long", "Blunt refusal without an alternative"):
        assert name in said(at)
    assert "No order, refund or rating in the 30 days after." in said(at)
    next(radio for radio in at.radio if str(radio.key).startswith("cases_read")).set_value(6).run()
    assert "Paid · ¥20.00 · 红杯子" in said(at)


def test_another_number_draws_others_and_the_same_draws_the_same(store: Path) -> None:
    fill(store, team())
    one, again, other = (opened("service/cases", lang="en", agent=LAGS, seed=n) for n in "553")

    def options(at: AppTest) -> list[str]:
        return list(next(r for r in at.radio if str(r.key).startswith("cases_read")).options)

    assert options(one) == options(again) != options(other)
    one.button(key="cases_redraw").click().run()
    assert one.number_input(key="cases_seed").value == 6


def test_a_case_is_saved_found_and_taken_out(store: Path) -> None:
    fill(store, team())
    at = opened("service/cases", lang="en", agent=LAGS)
    key = str(next(area.key for area in at.text_area)).removeprefix("cases_better_")
    at.text_area(key=f"cases_better_{key}").set_value("红色没有了，酒红有现货")
    at.multiselect(key=f"cases_tags_{key}").set_value(["tone"])
    at.checkbox(key=f"cases_discuss_{key}").check()
    next(b for b in at.button if b.label == "Save the case").click().run()
    assert not at.exception
    (kept,) = notes(store, "shop", "case").to_dicts()
    fields = json.loads(kept["fields"])
    tables = shop_tables(store, "shop")
    days = {"first": date(2024, 5, 1), "last": date(2024, 5, 12)}
    found = candidates(tables, ShopSettings(), **days, agent=LAGS)
    first = drawn(found.collect(), agent=LAGS, seed=1).row(0, named=True)
    assert kept["subject"] == f"{first['buyer']}|{first['day']}"
    assert fields == {
        "buyer": first["buyer"], "day": str(first["day"]), "agent": LAGS, "rule": "open_question",
        "tags": ["tone"], "better": "红色没有了，酒红有现货", "merit": "learn", "discuss": True,
    }  # fmt: skip

    assert "1 of 1 cases" in said(at)
    at.text_input(key="cases_search").set_value("dan 酒红 TONE").run()
    assert "1 of 1 cases" in said(at)
    at.text_input(key="cases_search").set_value("酒红 patience").run()
    assert "0 of 1 cases" in said(at)


def test_a_case_marked_before_is_opened_and_taken_out(store: Path) -> None:
    fill(store, team())
    day, buyer = "2024-05-02", "dan-buyer-01-1"
    fields = {"agent": LAGS, "day": day, "buyer": buyer, "rule": "blunt_refusal", "merit": "learn"}
    write_note(store, "shop", "case", f"{buyer}|{day}", by="test", text="换色推荐", fields=fields)
    at = opened("service/cases", lang="en", agent=LAGS)
    box = next(e for e in at.expander if "2024-05-02" in e.label)
    assert "Blunt refusal without an alternative" in box.label
    assert buyer not in box.label
    write_note(store, "shop", "case", f"{buyer}|{day}", by="test", done=True)
    at.run()
    assert "Case book: 0 cases" in said(at)
