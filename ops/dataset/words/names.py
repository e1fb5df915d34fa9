"""What people are called. The first of a tuple is the most frequent one."""

from __future__ import annotations

GIVEN = (
    *("Emma", "Oliver", "Amelia", "James", "Sofia", "Lukas", "Grace", "Noah", "Hannah", "Ethan"),
    *("Lily", "Daniel", "Marta", "Samuel", "Chloe", "Felix", "Ruby", "Hugo", "Zoe", "Oscar"),
    *("Nadia", "Callum", "Freya", "Mateo", "Ingrid", "Tobias", "Priya", "Kwame", "Aoife", "Ravi"),
)
FAMILY = (
    *("Smith", "Jones", "Brown", "Taylor", "Miller", "Davis", "Wilson", "Clark", "Schmidt"),
    *("Walker", "Hall", "Young", "King", "Wright", "Baker", "Fischer", "Carter", "Murphy"),
    *("Patel", "Bennett", "Okafor", "Lindqvist", "Moreau", "Novak", "Rossi", "Kaplan", "Abe"),
)
PINYIN_GIVEN = (
    *("wei", "fang", "min", "jing", "lei", "yan", "jun", "xia", "tao", "hui", "qiang", "mei"),
    *("peng", "ting", "bo", "xin", "yu", "chen", "hao", "lan"),
)
PINYIN_FAMILY = (
    *("wang", "li", "zhang", "liu", "chen", "yang", "huang", "zhao", "wu", "zhou", "xu", "sun"),
    *("ma", "zhu", "hu", "guo", "he", "lin", "gao", "luo"),
)
CHINESE_AGENTS = (
    *(
        "小雨",
        "晓雯",
        "子涵",
        "思远",
        "佳怡",
        "文博",
        "梦琪",
        "浩然",
        "雅婷",
        "俊杰",
        "欣妍",
        "志强",
    ),
    *("静怡", "宇航", "诗雨", "明轩", "若曦", "天佑", "婉清", "建国"),
)
