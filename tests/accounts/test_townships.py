"""Known facts of the 368 townships, from Chunghwa Post's list of three-digit postal codes."""

from __future__ import annotations

from collections import Counter

import pytest

from accounts.places import find_township, townships

COUNTS = {
    "臺北市": 12,
    "基隆市": 7,
    "新北市": 29,
    "桃園市": 13,
    "新竹縣": 13,
    "新竹市": 3,
    "苗栗縣": 18,
    "臺中市": 29,
    "彰化縣": 26,
    "南投縣": 13,
    "雲林縣": 20,
    "嘉義縣": 18,
    "嘉義市": 2,
    "臺南市": 37,
    "高雄市": 38,
    "屏東縣": 33,
    "宜蘭縣": 12,
    "花蓮縣": 13,
    "臺東縣": 16,
    "澎湖縣": 6,
    "金門縣": 6,
    "連江縣": 4,
}

# The first and the last code of every city and county, and those whose neighbours are easily mistaken.
CODES = {
    "臺北市中正區": "100",
    "臺北市萬華區": "108",
    "臺北市文山區": "116",
    "基隆市仁愛區": "200",
    "基隆市七堵區": "206",
    "新北市萬里區": "207",
    "新北市板橋區": "220",
    "新北市蘆洲區": "247",
    "新北市石門區": "253",
    "連江縣南竿鄉": "209",
    "連江縣東引鄉": "212",
    "宜蘭縣宜蘭市": "260",
    "宜蘭縣蘇澳鎮": "270",
    "宜蘭縣南澳鄉": "272",
    "新竹市東區": "300",
    "新竹市香山區": "300",
    "新竹縣竹北市": "302",
    "新竹縣竹東鎮": "310",
    "新竹縣峨眉鄉": "315",
    "桃園市中壢區": "320",
    "桃園市桃園區": "330",
    "桃園市蘆竹區": "338",
    "苗栗縣竹南鎮": "350",
    "苗栗縣頭份市": "351",
    "苗栗縣卓蘭鎮": "369",
    "臺中市中區": "400",
    "臺中市西屯區": "407",
    "臺中市大安區": "439",
    "彰化縣彰化市": "500",
    "彰化縣員林市": "510",
    "彰化縣二水鄉": "530",
    "南投縣南投市": "540",
    "南投縣鹿谷鄉": "558",
    "嘉義市東區": "600",
    "嘉義市西區": "600",
    "嘉義縣番路鄉": "602",
    "嘉義縣阿里山鄉": "605",
    "嘉義縣布袋鎮": "625",
    "雲林縣斗南鎮": "630",
    "雲林縣臺西鄉": "636",
    "雲林縣元長鄉": "655",
    "臺南市中西區": "700",
    "臺南市左鎮區": "713",
    "臺南市善化區": "741",
    "臺南市安定區": "745",
    "高雄市新興區": "800",
    "高雄市楠梓區": "811",
    "高雄市那瑪夏區": "849",
    "高雄市茄萣區": "852",
    "澎湖縣馬公市": "880",
    "澎湖縣湖西鄉": "885",
    "金門縣金沙鎮": "890",
    "金門縣烏坵鄉": "896",
    "屏東縣屏東市": "900",
    "屏東縣霧臺鄉": "902",
    "屏東縣琉球鄉": "929",
    "屏東縣滿州鄉": "947",
    "臺東縣臺東市": "950",
    "臺東縣蘭嶼鄉": "952",
    "臺東縣達仁鄉": "966",
    "花蓮縣花蓮市": "970",
    "花蓮縣富里鄉": "983",
}


def test_every_city_and_county_has_its_townships() -> None:
    assert Counter(place.city for place in townships()) == COUNTS
    assert sum(COUNTS.values()) == 368
    assert len({place.label for place in townships()}) == 368


@pytest.mark.parametrize(("label", "code"), CODES.items())
def test_known_postal_codes(label: str, code: str) -> None:
    assert find_township(label).postal_code == code


def test_only_the_districts_of_hsinchu_and_chiayi_cities_share_a_code() -> None:
    codes = Counter(place.postal_code for place in townships())
    assert {code: count for code, count in codes.items() if count > 1} == {"300": 3, "600": 2}
    assert {place.city for place in townships() if codes[place.postal_code] > 1} == {"新竹市", "嘉義市"}


@pytest.mark.parametrize("text", ["釣魚臺", "釣魚臺列嶼", "東沙群島", "南沙群島", "290", "817", "819"])
def test_islands_with_a_postal_code_are_no_townships(text: str) -> None:
    with pytest.raises(ValueError, match="找不到這個鄉鎮市區"):
        find_township(text)
