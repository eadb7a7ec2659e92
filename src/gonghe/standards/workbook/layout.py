"""Sheets and columns of the member spreadsheet, in both languages."""

from __future__ import annotations

from gonghe.standards.workbook import cells
from gonghe.standards.workbook.parts import Column, Sheet
from gonghe.standards.workbook.rows import Vocabulary


def sheets(vocabulary: Vocabulary) -> tuple[Sheet, ...]:
    """Return the six sheets, reading processes and materials by the words of `vocabulary`."""
    return (_sites(), _equipment(), _capabilities(vocabulary), _calendars(), _rates(), _certificates())


def _sites() -> Sheet:
    return Sheet(
        "sites",
        ("Sites", "场地"),
        (
            Column(
                "code",
                ("code", "编号"),
                ("a short code of your own; equipment refers to it", "自定的短编号，设备表引用它"),
                ("W1", "W1"),
                cells.code,
                required=True,
            ),
            Column(
                "name",
                ("name", "名称"),
                ("what people call it", "场地的名称"),
                ("Main workshop", "一号车间"),
                cells.short_text(100),
                required=True,
            ),
            Column(
                "address",
                ("address", "地址"),
                ("street, town, postcode", "街道、城市、邮编"),
                ("8 Mill Lane, Wuxi 214000", "无锡市磨坊路8号 214000"),
                cells.short_text(200),
                default="",
            ),
            Column(
                "latitude",
                ("latitude", "纬度"),
                ("degrees, north is positive; for the map and distances", "度，北纬为正；用于地图和距离"),
                ("31.57", "31.57"),
                cells.number(-90, 90),
                required=True,
            ),
            Column(
                "longitude",
                ("longitude", "经度"),
                ("degrees, east is positive", "度，东经为正"),
                ("120.29", "120.29"),
                cells.number(-180, 180),
                required=True,
            ),
            Column(
                "time_zone",
                ("time zone", "时区"),
                ("such as Asia/Shanghai", "例如 Asia/Shanghai"),
                ("Asia/Shanghai", "Asia/Shanghai"),
                cells.zone,
                required=True,
            ),
        ),
    )


def _equipment() -> Sheet:
    return Sheet(
        "equipment",
        ("Equipment", "设备"),
        (
            Column(
                "code",
                ("code", "编号"),
                (
                    "a short code of your own; capabilities and rates refer to it",
                    "自定的短编号，能力表和价格表引用它",
                ),
                ("M1", "M1"),
                cells.code,
                required=True,
            ),
            Column(
                "site",
                ("site", "场地"),
                ("code of a row in Sites", "场地表中的编号"),
                ("W1", "W1"),
                cells.code,
                required=True,
                choice="site",
            ),
            Column(
                "name",
                ("name", "名称"),
                ("machine, line, bench or crew", "机器、生产线、工位或班组"),
                ("Machining centre VF-2", "加工中心 VF-2"),
                cells.short_text(100),
                required=True,
            ),
            Column(
                "count",
                ("count", "数量"),
                ("how many equal ones; blank is 1", "相同设备的台数，空白为1"),
                ("1", "1"),
                cells.integer(1, 1000),
                default=1,
            ),
            Column(
                "calendar",
                ("calendar", "日历"),
                (
                    "code of a calendar in Calendars; blank only for what is not in the joint plan",
                    "日历表中的编号；不参加联合计划的设备可空白",
                ),
                ("two-shift", "两班"),
                cells.code,
                default="",
                choice="calendar",
            ),
            Column(
                "operator_needed",
                ("operator needed", "需要操作员"),
                ("yes, or no if it runs unattended; blank is yes", "是；可无人值守填否；空白为是"),
                ("yes", "是"),
                cells.yes_no,
                default=True,
                choice="yes_no",
            ),
            Column(
                "released",
                ("in the joint plan", "参加联合计划"),
                (
                    "no: the joint planner does not use it; blank: as it is, yes for a new one",
                    "否：联合计划不使用它；空白：保持原样，新设备为是",
                ),
                ("yes", "是"),
                cells.yes_no,
                choice="yes_no",
            ),
        ),
    )


def _capabilities(vocabulary: Vocabulary) -> Sheet:
    return Sheet(
        "capabilities",
        ("Capabilities", "能力"),
        (
            Column(
                "equipment",
                ("equipment", "设备"),
                (
                    "code of a row in Equipment; one row for each process it does",
                    "设备表中的编号；每种工艺一行",
                ),
                ("M1", "M1"),
                cells.code,
                required=True,
                choice="equipment",
            ),
            Column(
                "process",
                ("process", "工艺"),
                ("code or name from the sheet Processes", "工艺表中的编号或名称"),
                ("milling-3axis", "三轴铣削"),
                cells.one_of(vocabulary.processes, "process"),
                required=True,
                choice="process",
            ),
            Column(
                "covers_children",
                ("covers all below", "包含下级工艺"),
                ("yes: every process below this one too; blank is no", "是：同时包含所有下级工艺；空白为否"),
                ("no", "否"),
                cells.yes_no,
                default=False,
                choice="yes_no",
            ),
            *_limit_columns(vocabulary),
            Column(
                "other",
                ("other limits", "其他限制"),
                (
                    "limits without a column: property <= number; property = a | b",
                    "没有专列的限制：属性 <= 数字; 属性 = a | b",
                ),
                ("depth_mm <= 200", "depth_mm <= 200"),
                cells.limits(vocabulary.properties, vocabulary.worded),
                default={},
            ),
        ),
    )


def _limit_columns(vocabulary: Vocabulary) -> tuple[Column, ...]:
    size = cells.number(0, 1_000_000)
    pieces = cells.integer(1, 100_000_000)
    material = cells.words(cells.one_of(vocabulary.materials, "material"))
    certificate = cells.words(cells.code)
    blank = ("; blank: no limit", "；空白：无限制")
    rows: tuple[tuple[str, str, str, str, str, str, str, cells.Parser], ...] = (
        (
            "max X mm",
            "最大X mm",
            "longest side of the work space",
            "工作空间长",
            "1000",
            "envelope_x_mm",
            "max",
            size,
        ),
        ("max Y mm", "最大Y mm", "second side", "工作空间宽", "500", "envelope_y_mm", "max", size),
        ("max Z mm", "最大Z mm", "height", "工作空间高", "500", "envelope_z_mm", "max", size),
        ("max diameter mm", "最大直径 mm", "largest diameter", "最大直径", "", "diameter_mm", "max", size),
        ("max length mm", "最大长度 mm", "longest part", "最大长度", "", "length_mm", "max", size),
        ("min thickness mm", "最小厚度 mm", "thinnest material", "最薄材料", "", "thickness_mm", "min", size),
        ("max thickness mm", "最大厚度 mm", "thickest material", "最厚材料", "", "thickness_mm", "max", size),
        ("max mass kg", "最大质量 kg", "heaviest part", "最重零件", "800", "mass_kg", "max", size),
        (
            "best IT grade",
            "最高公差等级 IT",
            "finest ISO 286 grade, a number",
            "ISO 286 最高等级，填数字",
            "7",
            "tolerance_it",
            "min",
            cells.integer(1, 18),
        ),
        (
            "best Ra um",
            "最佳粗糙度 Ra um",
            "smoothest surface",
            "最光表面",
            "0.8",
            "roughness_ra_um",
            "min",
            size,
        ),
        (
            "min hardness HRC",
            "最低硬度 HRC",
            "lowest hardness reached or worked",
            "能达到或加工的最低硬度",
            "",
            "hardness_hrc",
            "min",
            size,
        ),
        (
            "max hardness HRC",
            "最高硬度 HRC",
            "highest hardness reached or worked",
            "能达到或加工的最高硬度",
            "45",
            "hardness_hrc",
            "max",
            size,
        ),
        (
            "max force kN",
            "最大压力 kN",
            "force of a press or mould clamp",
            "压机或锁模力",
            "",
            "force_kn",
            "max",
            size,
        ),
        (
            "materials",
            "材料",
            "separated by commas",
            "用逗号分隔",
            "steel, aluminium",
            "material_group",
            "set",
            material,
        ),
        ("min batch", "最小批量", "pieces", "件", "1", "batch_pieces", "min", pieces),
        ("max batch", "最大批量", "pieces", "件", "500", "batch_pieces", "max", pieces),
    )
    columns = [
        Column(
            f"{code}.{bound}",
            (en, zh),
            (note + blank[0], note_zh + blank[1]),
            (example, example),
            parse,
            limit=(code, bound),
        )
        for en, zh, note, note_zh, example, code, bound, parse in rows
    ]
    note = ("separated by commas; blank: none", "用逗号分隔；空白：无")
    columns.append(
        Column(
            "certificate.set",
            ("certificates", "认证"),
            note,
            ("ISO 9001", "ISO 9001"),
            certificate,
            limit=("certificate", "set"),
        )
    )
    return tuple(columns)


def _calendars() -> Sheet:
    return Sheet(
        "calendars",
        ("Calendars", "日历"),
        (
            Column(
                "calendar",
                ("code", "编号"),
                ("one row for each shift or day off of a calendar", "每个班次或休息日一行"),
                ("two-shift", "两班"),
                cells.code,
                required=True,
            ),
            Column(
                "weekday",
                ("weekday", "星期"),
                ("Mon, or a span such as Mon-Fri", "周一，或范围如 周一至周五"),
                ("Mon-Fri", "周一至周五"),
                cells.weekdays,
                choice="weekday",
            ),
            Column(
                "start",
                ("from", "开始"),
                ("local time, such as 08:00", "当地时间，如 08:00"),
                ("08:00", "08:00"),
                cells.clock,
            ),
            Column(
                "end",
                ("to", "结束"),
                ("an end before the start is on the next day", "早于开始表示次日"),
                ("24:00", "24:00"),
                cells.clock,
            ),
            Column(
                "holiday",
                ("holiday", "休息日"),
                ("a date with no work, in a row without a shift", "不工作的日期，单独一行"),
                ("", ""),
                cells.day,
            ),
            Column(
                "name",
                ("name", "名称"),
                ("of the calendar, once in any of its rows", "日历的名称，在任一行写一次"),
                ("", ""),
                cells.short_text(100),
            ),
            Column(
                "time_zone",
                ("time zone", "时区"),
                ("if not that of the site, once in any of its rows", "与场地不同时填写，在任一行写一次"),
                ("", ""),
                cells.zone,
            ),
            Column(
                "region",
                ("public holidays of", "法定节假日"),
                ("such as CN or DE-BY, once in any of its rows", "例如 CN 或 DE-BY，在任一行写一次"),
                ("", ""),
                cells.short_text(10),
            ),
        ),
    )


def _rates() -> Sheet:
    return Sheet(
        "rates",
        ("Rates", "价格"),
        (
            Column(
                "equipment",
                ("equipment", "设备"),
                ("code of a row in Equipment", "设备表中的编号"),
                ("M1", "M1"),
                cells.code,
                required=True,
                choice="equipment",
            ),
            Column(
                "per_hour",
                ("per hour", "每小时"),
                ("price of an hour, without tax", "每小时价格，不含税"),
                ("180", "180"),
                cells.money,
                required=True,
            ),
            Column(
                "per_setup",
                ("per set-up", "每次换产"),
                ("price of a set-up; blank is 0", "每次换产价格，空白为0"),
                ("120", "120"),
                cells.money,
                default=cells.NOTHING,
            ),
            Column(
                "currency",
                ("currency", "货币"),
                ("three letters, such as CNY", "三个字母，如 CNY"),
                ("CNY", "CNY"),
                cells.currency,
                required=True,
            ),
            Column(
                "published",
                ("published", "公开"),
                ("yes: members see it as an open offer; blank is no", "是：成员可见的公开报价；空白为否"),
                ("no", "否"),
                cells.yes_no,
                default=False,
                choice="yes_no",
            ),
            Column(
                "overtime_per_hour",
                ("overtime per hour", "加班每小时"),
                (
                    "on top of the price for an hour outside the calendar; blank is no overtime",
                    "日历以外每小时的加价；空白为不加班",
                ),
                ("90", "90"),
                cells.money,
            ),
        ),
    )


def _certificates() -> Sheet:
    return Sheet(
        "certificates",
        ("Certificates", "认证"),
        (
            Column(
                "kind",
                ("certificate", "认证"),
                ("capabilities that name it have it until it expires", "写明该认证的能力在到期前有效"),
                ("ISO 9001", "ISO 9001"),
                cells.short_text(60),
                required=True,
            ),
            Column(
                "number",
                ("number", "证书编号"),
                ("as on the paper", "以证书为准"),
                ("CN-2291", "CN-2291"),
                cells.short_text(60),
                required=True,
            ),
            Column(
                "issuer",
                ("issued by", "发证机构"),
                ("who gave it; may stay blank", "可不填"),
                ("", ""),
                cells.short_text(120),
                default="",
            ),
            Column(
                "expires_on",
                ("expires on", "到期日"),
                ("the last day on which it counts", "有效期的最后一天"),
                ("2027-03-31", "2027-03-31"),
                cells.day,
                required=True,
            ),
        ),
        optional=True,
    )
