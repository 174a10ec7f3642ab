"""The performance tables of 生意参谋: agents by day, and the shop's three daily sheets."""

from datetime import date
from pathlib import Path

from sample_data.truth import Facts
from sample_data.xlsx_files import Cell, write_xlsx

AGENT_HEADERS = (
    "旺旺昵称",
    "询单最终付款人数",
    "询单人数",
    "询单最终付款转化率",
    "首次响应时长（秒)",
    "平均响应时长（秒)",
    "客户满意率",
    "旺旺回复率",
    "询单最终付款金额",
    "成功退款金额",
)
RECEPTION_HEADERS = (
    "日期",
    "咨询人数",
    "接待人数",
    "未回复人数",
    "有效接待人数",
    "平均响应时长",
    "3分钟人工响应率",
    "咨询客服人次",
    "客服回复人次",
    "客服未回复人次",
    "旺旺回复率",
    "首次响应时长",
    "慢响应人数",
    "长接待人数",
    "买家发起人数",
    "客服主动跟进人数",
    "总消息数",
    "买家消息条数",
    "客服消息条数",
    "答问比",
    "客服字数",
    "平均接待时长",
)
INQUIRY_HEADERS = (
    "日期",
    "询单人数",
    "当日询单人数",
    "当日付款人数",
    "当日付款金额",
    "最终付款人数",
    "最终付款金额",
    "询单当日付款转化率",
    "询单最终付款转化率",
)
SPEND_HEADERS = ("日期", "销售额", "销售量", "销售人数", "客单价", "客件数", "件均价")
#: Cells of the rows that speak of others: the same trade's mean and best.
PEERS = {
    "同行同层优秀": ("-", "-", "46.80%", "18", "31", "96.50%", "99.60%", "-", "-"),
    "同行同层均值": ("-", "-", "33.20%", "39", "62", "91.30%", "96.40%", "-", "-"),
}
NOT_KNOWN, NOT_SETTLED = "-", "延迟统计"

Books = dict[str, Facts]


def write_performance(out: Path, facts: Books, *, days: list[date], shop_day: date) -> list[Path]:
    """客服绩效 of some days, and the shop's sheets of one.

    Args:
        out: Folder.
        facts: Facts of every metric; the tables tell what the chats tell.
        days: One workbook of agents for each.
        shop_day: The day of the shop's three workbooks.
    """
    paths = [_agents(out, facts, day) for day in days]
    day = f"{shop_day:%Y%m%d}"
    sheets = {
        f"生意参谋_咨询接待_{day}.xlsx": (
            "咨询接待",
            [RECEPTION_HEADERS, _reception(facts, shop_day)],
        ),
        f"生意参谋_业绩询单_{day}.xlsx": ("业绩询单", [INQUIRY_HEADERS, _inquiry(facts, shop_day)]),
        f"生意参谋_客单价_{day}.xlsx": ("客单价", [SPEND_HEADERS, _spend(facts, shop_day)]),
    }
    for name, (sheet, rows) in sheets.items():
        write_xlsx(out / name, {sheet: rows})
        paths.append(out / name)
    return paths


def _agents(out: Path, facts: Books, day: date) -> Path:
    names = sorted({name for book in facts.values() for name in book.agents})
    rows: list[list[Cell]] = [[name, *_agent_cells(facts, day, name)] for name in names]
    shop = _agent_cells(facts, day, None)
    total = [[label, *shop] for label in ("汇总值", "平均值", "全店汇总值", "全店平均值")]
    peers: list[list[Cell]] = [[label, *cells] for label, cells in PEERS.items()]
    path = out / f"客服绩效{day:%Y%m%d}.xlsx"
    write_xlsx(path, {"客服绩效": [AGENT_HEADERS, *rows, *total, *peers]})
    return path


def _agent_cells(facts: Books, day: date, agent: str | None) -> list[Cell]:
    settled = day <= facts["inquiry_conversion"].final
    _, sold, asked = _of(facts, "inquiry_conversion", day, agent)
    # An agent may be owed orders of inquiries that went to others; a table never prints 200 %.
    paid = min(sold or 0, asked or 0)
    conversion = paid / asked if asked else None
    return [
        _whole(paid) if settled else NOT_SETTLED,
        _whole(asked),
        _percent(conversion) if settled else NOT_SETTLED,
        _seconds(_of(facts, "first_response_time", day, agent)[0]),
        _seconds(_of(facts, "response_time_platform", day, agent)[0]),
        NOT_KNOWN,
        _percent(_of(facts, "reply_rate", day, agent)[0]),
        NOT_KNOWN,
        NOT_KNOWN,
    ]


def _reception(facts: Books, day: date) -> list[Cell]:
    rate, answered, received = _of(facts, "reply_rate", day, None)
    ratio, written, asked = _of(facts, "answer_ratio", day, None)
    cells: dict[str, Cell] = {
        "日期": str(day),
        "咨询人数": _whole(received),
        "接待人数": _whole(received),
        "未回复人数": _whole((received or 0) - (answered or 0)),
        "平均响应时长": _seconds(_of(facts, "response_time_platform", day, None)[0]),
        "3分钟人工响应率": _percent(_of(facts, "within_three_minutes", day, None)[0]),
        "旺旺回复率": _percent(rate),
        "首次响应时长": _seconds(_of(facts, "first_response_time", day, None)[0]),
        "慢响应人数": _whole(_of(facts, "slow_conversations", day, None)[1]),
        "总消息数": _whole((asked or 0) + (written or 0)),
        "买家消息条数": _whole(asked),
        "客服消息条数": _whole(written),
        "答问比": _percent(ratio),
    }
    return [cells.get(header, NOT_KNOWN) for header in RECEPTION_HEADERS]


def _inquiry(facts: Books, day: date) -> list[Cell]:
    conversion, paid, asked = _of(facts, "inquiry_conversion", day, None)
    cells: dict[str, Cell] = {
        "日期": str(day),
        "询单人数": _whole(asked),
        "最终付款人数": _whole(paid),
        "询单最终付款转化率": _percent(conversion),
    }
    return [cells.get(header, NOT_KNOWN) for header in INQUIRY_HEADERS]


def _spend(facts: Books, day: date) -> list[Cell]:
    price, amount, buyers = _of(facts, "unit_price", day, None)
    each, _, pieces = _of(facts, "piece_price", day, None)
    per_buyer = _of(facts, "pieces_per_buyer", day, None)[0]
    return [
        str(day),
        _money(amount),
        _whole(pieces),
        _whole(buyers),
        _money(price),
        _money(per_buyer),
        _money(each),
    ]


def _of(
    facts: Books, metric: str, day: date, agent: str | None
) -> tuple[float | None, float | None, float | None]:
    book = facts[metric]
    listed = book.shop if agent is None else book.agents.get(agent, [])
    return book.together([fact for at, fact in listed if at == day])


def _whole(count: float | None) -> Cell:
    return NOT_KNOWN if count is None else str(round(count))


def _percent(share: float | None) -> Cell:
    return NOT_KNOWN if share is None else f"{share:.2%}"


def _seconds(value: float | None) -> Cell:
    return NOT_KNOWN if value is None else f"{value:.2f}"


def _money(value: float | None) -> Cell:
    return NOT_KNOWN if value is None else f"{value:,.2f}"
