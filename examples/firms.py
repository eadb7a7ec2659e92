"""The 24 workshops, the buyers and the office of the example cluster: a made-up Yong River valley."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Firm:
    """A workshop: short name, names, place, equipment as kind -> count, price level in percent."""

    slug: str
    name: str
    name_en: str
    latitude: float
    longitude: float
    equipment: dict[str, int]
    level: int = 100
    published: bool = True


FIRMS: tuple[Firm, ...] = (
    Firm("hengda", "恒达精密", "Hengda Precision", 29.889, 121.644, {"saw": 1, "mill3": 4, "mill5": 1, "bench": 2}, 89),
    Firm("taihe", "泰和数控", "Taihe CNC", 29.951, 121.721, {"saw": 1, "mill3": 4, "mill5": 1, "lathe": 1, "bench": 1}, 104),
    Firm("ruian", "瑞安模具", "Ruian Mould", 29.810, 121.523, {"mill3": 2, "mill5": 2, "grind-flat": 1, "cmm": 1, "bench": 1}, 115),
    Firm("fenghua", "奉化车削", "Fenghua Turning", 29.655, 121.406, {"saw": 1, "lathe": 4, "lathe-small": 2, "bench": 1}, 94),
    Firm("jiangnan", "江南磨削", "Jiangnan Grinding", 29.907, 121.572, {"grind-round": 3, "grind-flat": 2, "bench": 1}, 100),
    Firm("hongye", "宏业刃磨", "Hongye Tool Grinding", 29.866, 121.742, {"grind-round": 2, "grind-flat": 1, "bench": 1}, 112),
    Firm("yunfeng", "云峰热处理", "Yunfeng Heat Treatment", 29.930, 121.501, {"furnace": 3}, 100),
    Firm("lushan", "芦山热处理", "Lushan Heat Treatment", 29.744, 121.619, {"furnace": 2}, 107),
    Firm("dongqian", "东钱钣金", "Dongqian Sheet Metal", 29.772, 121.683, {"laser": 2, "brake": 2, "weld": 2, "bench": 1}, 98),
    Firm("zhenhai", "镇海钣金", "Zhenhai Sheet Metal", 29.968, 121.664, {"laser": 1, "brake": 2, "weld": 1, "bench": 1}, 103),
    Firm("xiangshan", "象山涂装", "Xiangshan Coating", 29.477, 121.869, {"paint": 2}, 95),
    Firm("beilun", "北仑表面", "Beilun Surface", 29.909, 121.837, {"paint": 1, "anodise": 2}, 104),
    Firm("cixi", "慈溪装配", "Cixi Assembly", 30.169, 121.266, {"assembly": 4, "drill": 1}, 97),
    Firm("yuyao", "余姚机电装配", "Yuyao Mechatronics", 30.037, 121.154, {"assembly": 3, "cmm": 1}, 103),
    Firm("siming", "四明车铣", "Siming Turn-Mill", 29.766, 121.290, {"turn-mill": 3, "saw": 1, "bench": 1}, 108),
    Firm("meishan", "梅山精工", "Meishan Fine Works", 29.799, 121.957, {"turn-mill": 2, "grind-round": 1, "cmm": 1}, 110),
    Firm("gulin", "古林铣削", "Gulin Milling", 29.853, 121.452, {"saw": 1, "mill3": 4, "drill": 1, "bench": 1}, 101),
    Firm("luotuo", "骆驼机械", "Luotuo Machinery", 29.979, 121.588, {"mill3-large": 2, "mill3": 1, "drill": 1, "bench": 1}, 101),
    Firm("hengxi", "横溪五金", "Hengxi Hardware", 29.728, 121.572, {"lathe-small": 4, "drill": 1, "saw": 1, "bench": 1}, 88),
    Firm("wuxiang", "五乡车床", "Wuxiang Lathes", 29.872, 121.696, {"lathe": 3, "lathe-small": 1, "saw": 1, "bench": 1}, 97),
    Firm("ninghai", "宁海龙门", "Ninghai Gantry", 29.287, 121.429, {"mill3-large": 2, "weld": 1}, 99),
    Firm("haishu", "海曙检测", "Haishu Inspection", 29.874, 121.541, {"cmm": 2}, 105),
    Firm("yinjiang", "鄞江折弯", "Yinjiang Bending", 29.783, 121.368, {"laser": 1, "brake": 3, "bench": 1}, 95),
    Firm("jishigang", "集士港服装", "Jishigang Garments", 29.860, 121.429, {"cutting-table": 1, "sewing-line": 3}, 100),
)  # fmt: skip

BUYERS: tuple[tuple[str, str, str, float, float], ...] = (
    ("lanshan", "岚山泵业", "Lanshan Pump Works", 29.8210, 121.5560),
    ("penglai", "蓬莱阀门", "Penglai Valve", 29.9620, 121.6300),
    ("chenhai", "辰海户外", "Chenhai Outdoor", 29.8690, 121.5480),
)
OFFICE = ("yongjiang", "甬江产业服务中心", "Yong River Cluster Office", 29.8780, 121.5500)
