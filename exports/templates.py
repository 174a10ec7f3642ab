"""The project's own template files, for data that no platform exports.

See docs/exports.md, "Templates".

Each comes as CSV and XLSX, with Chinese or English headings and two example rows.
"""

import csv
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Literal

import xlsxwriter

TemplateTable = Literal["messages", "ratings", "rating_days", "rating_snapshots"]
TemplateLanguage = Literal["zh", "en"]
TemplateFormat = Literal["csv", "xlsx"]


@dataclass(frozen=True)
class Template:
    """Headings and example rows of one template in one language."""

    table: TemplateTable
    language: TemplateLanguage
    #: File name without its ending.
    name: str
    headings: tuple[str, ...]
    examples: tuple[tuple[str, ...], ...]


TEMPLATES: tuple[Template, ...] = (
    Template(
        "messages",
        "zh",
        "聊天记录模板",
        ("店铺", "买家", "客服", "发送方", "发送时间", "消息内容"),
        (
            ("示例店", "tb000000001", "小一", "买家", "2025-01-02 09:01:02", "在吗"),
            ("示例店", "tb000000001", "小一", "客服", "2025-01-02 09:01:30", "在的亲"),
        ),
    ),
    Template(
        "messages",
        "en",
        "messages-template",
        ("shop", "buyer", "agent", "sender", "sent_at", "text"),
        (
            ("Example shop", "tb000000001", "agent 1", "buyer", "2025-01-02 09:01:02", "Hello?"),
            ("Example shop", "tb000000001", "agent 1", "agent", "2025-01-02 09:01:30", "Hello!"),
        ),
    ),
    Template(
        "ratings",
        "zh",
        "评分模板",
        ("订单编号", "买家", "评价时间", "描述相符", "服务态度", "物流服务", "评价内容"),
        (
            ("100000000000000001", "tb000000001", "2025-01-09 20:15:00", "5", "5", "4", "好看"),
            ("100000000000000002", "tb000000002", "2025-01-10 08:00:00", "4", "", "5", ""),
        ),
    ),
    Template(
        "ratings",
        "en",
        "ratings-template",
        ("order_id", "buyer", "rated_at", "description", "service", "logistics", "comment"),
        (
            ("100000000000000001", "tb000000001", "2025-01-09 20:15:00", "5", "5", "4", "Pretty"),
            ("100000000000000002", "tb000000002", "2025-01-10 08:00:00", "4", "", "5", ""),
        ),
    ),
    Template(
        "rating_days",
        "zh",
        "每日评分模板",
        ("日期", "维度", "得分", "次数"),
        (("2025-01-02", "描述相符", "4.90", "31"), ("2025-01-02", "物流服务", "4.75", "28")),
    ),
    Template(
        "rating_days",
        "en",
        "rating-days-template",
        ("day", "dimension", "score", "count"),
        (("2025-01-02", "description", "4.90", "31"), ("2025-01-02", "logistics", "4.75", "28")),
    ),
    Template(
        "rating_snapshots",
        "zh",
        "店铺评分快照模板",
        ("日期", "维度", "得分", "评价人数", "行业均值", "行业最高", "行业最低", "目标值"),
        (
            ("2025-01-02", "描述相符", "4.71", "5210", "4.73", "5.00", "3.90", "4.75"),
            ("2025-01-02", "服务态度", "4.80", "5198", "4.74", "5.00", "3.95", "4.80"),
        ),
    ),
    Template(
        "rating_snapshots",
        "en",
        "rating-snapshots-template",
        (
            "day",
            "dimension",
            "score",
            "raters",
            "industry_mean",
            "industry_best",
            "industry_worst",
            "target",
        ),
        (
            ("2025-01-02", "description", "4.71", "5210", "4.73", "5.00", "3.90", "4.75"),
            ("2025-01-02", "service", "4.80", "5198", "4.74", "5.00", "3.95", "4.80"),
        ),
    ),
)


def template(table: TemplateTable, language: TemplateLanguage) -> Template:
    """The template of a table in one language."""
    return next(found for found in TEMPLATES if (found.table, found.language) == (table, language))


def template_file(
    table: TemplateTable, language: TemplateLanguage, kind: TemplateFormat = "csv"
) -> tuple[str, bytes]:
    """File name and content of a template, as a person downloads it.

    The CSV begins with a byte order mark, without which Excel takes Chinese for GBK. In the XLSX
    every cell is text, so that Excel leaves the digits of ids alone.
    """
    wanted = template(table, language)
    content = _csv(wanted) if kind == "csv" else _xlsx(wanted)
    return f"{wanted.name}.{kind}", content


def _csv(wanted: Template) -> bytes:
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([wanted.headings, *wanted.examples])
    return text.getvalue().encode("utf-8-sig")


def _xlsx(wanted: Template) -> bytes:
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet(wanted.name[:31])
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        # The whole columns are text: what is typed or pasted below keeps its digits too.
        sheet.set_column(0, len(wanted.headings) - 1, 20, text)
        sheet.freeze_panes(1, 0)
        for place, heading in enumerate(wanted.headings):
            sheet.write_string(0, place, heading, bold)
        for row, cells in enumerate(wanted.examples, start=1):
            for place, cell in enumerate(cells):
                sheet.write_string(row, place, cell, text)
    return content.getvalue()
