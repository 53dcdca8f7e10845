"""The application identifiers of GS1: what each means, how long it is, what it stands beside.

Facts of the GS1 General Specifications, section 3, by family. `needs`: one of these must be on
the same item (`01+21`: both); `never`: none of these may; `n` is any digit. `key` makes an
identifier the root of a Digital Link and names the qualifiers that may follow it, in order.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from devices.scanner import gs1_checks as is_
from devices.scanner.gs1_checks import Check
from devices.scanner.gs1_coupon import coupon, positive_offer
from devices.scanner.gs1_parts import (
    Part,
    check_of,
    digits,
    digits_to,
    or_nothing,
    text,
    text_to,
)

_FIXED: Final = "00 01 02 03 04 11 12 13 14 15 16 17 18 19 20 31 32 33 34 35 36 41"
FIXED: Final = frozenset(_FIXED.split())
"""Identifiers that begin so need no separator after them (section 7.8.5)."""


class Ai(NamedTuple):
    code: str
    title: str
    parts: tuple[Part, ...]
    check: Check
    needs: tuple[tuple[str, ...], ...]
    """Alternatives; one of them is needed, all of its identifiers together."""
    never: tuple[str, ...]
    key: tuple[tuple[str, ...], ...] | None
    in_query: bool
    """May stand in the query of a Digital Link."""

    @property
    def fixed(self) -> bool:
        return self.code[:2] in FIXED


def _ai(
    code: str,
    title: str,
    *parts: Part,
    needs: str = "",
    never: str = "",
    key: str | None = None,
    in_query: bool = True,
) -> Ai:
    alternatives = tuple(tuple(one.split("+")) for one in needs.split())
    paths = None if key is None else tuple(tuple(path.split()) for path in key.split("|"))
    check = check_of(parts)
    return Ai(code, title, parts, check, alternatives, tuple(never.split()), paths, in_query)


_UNITS, _ITEMS, _GOODS = "01 02", "01 02 03", "01 02 03 8006 8026"
_MEASURED, _PARTY = "30 31nn 32nn 35nn 36nn", "8017 8018"
_SERIALLY = "01+21 03+21 8006+21"
_GTIN: Final = digits(14, is_.check_digit, is_.company_second)
_GLN: Final = digits(13, is_.check_digit, is_.company_first)
_DAY0, _DAY = digits(6, is_.yymmd0), digits(6, is_.yymmdd)
_TIME: Final = digits(4, is_.hhmi)
_COUNTRY: Final = digits(3, is_.country)
_COUNTRIES: Final = (_COUNTRY, *[or_nothing(_COUNTRY)] * 4)
_FLAG: Final = digits(1, is_.yes_or_no)
_DEGREES: Final = (digits(6), or_nothing(text(1, is_.hyphens)))
_PIECES: Final = (_GTIN, digits(4, is_.piece_of_total))


def _words(most: int) -> Part:
    return text_to(most, is_.percent_encoded)


def _what_it_is() -> Iterator[Ai]:
    eighteen = digits(18, is_.check_digit, is_.company_second)
    yield _ai("00", "SSCC", eighteen, key="")
    yield _ai("01", "GTIN", _GTIN, never="255 37", key="22 10 21|235")
    yield _ai("02", "CONTENT", _GTIN, never="01 03", needs="37")
    yield _ai("03", "MTO GTIN", _GTIN, never="01 02 37 235", in_query=False)
    yield _ai("10", "BATCH/LOT", text_to(20), needs=_GOODS)
    yield _ai("12", "DUE DATE", _DAY0, needs="8020")
    for code, title in (("11", "PROD DATE"), ("13", "PACK DATE"), ("16", "SELL BY")):
        yield _ai(code, title, _DAY0, needs=_GOODS)
    yield _ai("15", "BEST BEFORE or BEST BY", _DAY0, needs=_GOODS)
    yield _ai("17", "USE BY or EXPIRY", _DAY0, needs="01 02 03 255 8006 8026")
    yield _ai("20", "VARIANT", digits(2), needs=_GOODS)
    yield _ai("21", "SERIAL", text_to(20), needs="01 03 8006", never="235", in_query=False)
    yield _ai("22", "CPV", text_to(20), needs="01", in_query=False)
    yield _ai("235", "TPX", text_to(28), needs="01", in_query=False)
    yield _ai("240", "ADDITIONAL ID", text_to(30), needs=_GOODS)
    yield _ai("241", "CUST. PART No.", text_to(30), needs=_GOODS)
    yield _ai("242", "MTO VARIANT", digits_to(6), needs="01 02 8006 8026")
    yield _ai("243", "PCN", text_to(20), needs="01 03")
    yield _ai("250", "SECONDARY SERIAL", text_to(30), needs=_SERIALLY)
    yield _ai("251", "REF. TO SOURCE", text_to(30), needs="01 03 8006")
    yield _ai("253", "GDTI", _GLN, or_nothing(text_to(17)), key="")
    yield _ai("254", "GLN EXTENSION COMPONENT", text_to(20), needs="414", in_query=False)
    beside = "01 02 415 8006 8020 8026"
    yield _ai("255", "GCN", _GLN, or_nothing(digits_to(12)), key="", never=beside)
    yield _ai("30", "VAR. COUNT", digits_to(8), needs=_UNITS)
    yield _ai("37", "COUNT", digits_to(8), needs="00+02 00+8026")


# Six digits each, the fourth digit of the identifier is how many of them are decimals, 0 to 5.
_OF_A_UNIT: Final = {
    "310": "NET WEIGHT (kg)",
    "311": "LENGTH (m)",
    "312": "WIDTH (m)",
    "313": "HEIGHT (m)",
    "314": "AREA (m²)",
    "315": "NET VOLUME (l)",
    "316": "NET VOLUME (m³)",
    "320": "NET WEIGHT (lb)",
    "321": "LENGTH (in)",
    "322": "LENGTH (ft)",
    "323": "LENGTH (yd)",
    "324": "WIDTH (in)",
    "325": "WIDTH (ft)",
    "326": "WIDTH (yd)",
    "327": "HEIGHT (in)",
    "328": "HEIGHT (ft)",
    "329": "HEIGHT (yd)",
    "350": "AREA (in²)",
    "351": "AREA (ft²)",
    "352": "AREA (yd²)",
    "356": "NET WEIGHT (tr oz)",
    "357": "NET VOLUME (oz)",
    "360": "NET VOLUME (qt (US))",
    "361": "NET VOLUME (gal.)",
    "364": "NET VOLUME (in³)",
    "365": "NET VOLUME (ft³)",
    "366": "NET VOLUME (yd³)",
}
_OF_A_LOAD: Final = {
    "330": "GROSS WEIGHT (kg)",
    "331": "LENGTH (m), log",
    "332": "WIDTH (m), log",
    "333": "HEIGHT (m), log",
    "334": "AREA (m²), log",
    "335": "VOLUME (l), log",
    "336": "VOLUME (m³), log",
    "340": "GROSS WEIGHT (lb)",
    "341": "LENGTH (in), log",
    "342": "LENGTH (ft), log",
    "343": "LENGTH (yd), log",
    "344": "WIDTH (in), log",
    "345": "WIDTH (ft), log",
    "346": "WIDTH (yd), log",
    "347": "HEIGHT (in), log",
    "348": "HEIGHT (ft), log",
    "349": "HEIGHT (yd), log",
    "353": "AREA (in²), log",
    "354": "AREA (ft²), log",
    "355": "AREA (yd²), log",
    "362": "VOLUME (qt (US)), log",
    "363": "VOLUME (gal (US)), log",
    "367": "VOLUME (in³), log",
    "368": "VOLUME (ft³), log",
    "369": "VOLUME (yd³), log",
}


def _measures() -> Iterator[Ai]:
    for titles, needs in ((_OF_A_UNIT, _UNITS), (_OF_A_LOAD, "00 01")):
        for start, title in titles.items():
            yield from _decimals(start, 5, title, digits(6), needs=needs)
    yield from _decimals("337", 5, "KG PER m²", digits(6), needs="01")


def _decimals(
    start: str, most: int, title: str, *parts: Part, needs: str, never: str = ""
) -> Iterator[Ai]:
    """One identifier per place of the decimal point; a second one on the same item is wrong."""
    for places in range(most + 1):
        yield _ai(f"{start}{places}", title, *parts, needs=needs, never=f"{start}n {never}")


def _money() -> Iterator[Ai]:
    value, in_currency = digits_to(15), (digits(3, is_.currency), digits_to(15))
    yield from _decimals("390", 9, "AMOUNT", value, needs="255 8020", never="391n 394n 8111")
    yield from _decimals("391", 9, "AMOUNT", *in_currency, needs="8020")
    by_measure = "01+30 01+31nn 01+32nn 01+35nn 01+36nn"
    yield from _decimals("392", 9, "PRICE", value, needs=by_measure, never="393n")
    yield from _decimals("393", 9, "PRICE", *in_currency, needs=_MEASURED)
    yield from _decimals("394", 3, "PRCNT OFF", digits(4), needs="255", never="8111")
    never = "392n 393n 8005"
    yield from _decimals("395", 5, "PRICE/UoM", digits(6), needs=_MEASURED, never=never)


def _where() -> Iterator[Ai]:
    yield _ai("400", "ORDER NUMBER", text_to(30))
    yield _ai("401", "GINC", text_to(30, is_.company_first), key="")
    yield _ai("402", "GSIN", digits(17, is_.check_digit, is_.company_first), key="")
    yield _ai("403", "ROUTE", text_to(30), needs="00")
    for code, title in {
        "410": "SHIP TO LOC",
        "411": "BILL TO",
        "412": "PURCHASE FROM",
        "413": "SHIP FOR LOC",
        "416": "PROD/SERV LOC",
    }.items():
        yield _ai(code, title, _GLN)
    yield _ai("414", "LOC No.", _GLN, key="254|7040")
    yield _ai("415", "PAY TO", _GLN, key="8020", needs="8020")
    yield _ai("417", "PARTY", _GLN, key="7040")
    yield _ai("420", "SHIP TO POST", text_to(20), never="421")
    yield _ai("421", "SHIP TO POST", _COUNTRY, text_to(9), never="4307")
    yield _ai("422", "ORIGIN", _COUNTRY, needs=_GOODS, never="426")
    yield _ai("423", "COUNTRY - INITIAL PROCESS", *_COUNTRIES, needs=_ITEMS, never="426")
    yield _ai("424", "COUNTRY - PROCESS", _COUNTRY, needs=_ITEMS, never="426")
    yield _ai("425", "COUNTRY - DISASSEMBLY", *_COUNTRIES, needs=_ITEMS, never="426")
    yield _ai("426", "COUNTRY - FULL PROCESS", _COUNTRY, needs=_ITEMS)
    yield _ai("427", "ORIGIN SUBDIVISION", text_to(3), needs="01+422 02+422 03+422")


def _transport() -> Iterator[Ai]:
    for start, way in (("430", "SHIP TO"), ("431", "RTN TO")):
        yield _ai(f"{start}0", f"{way} COMP", _words(35), needs="00")
        yield _ai(f"{start}1", f"{way} NAME", _words(35), needs="00")
        yield _ai(f"{start}2", f"{way} ADD1", _words(70), needs="00")
        yield _ai(f"{start}3", f"{way} ADD2", _words(70), needs=f"{start}2")
        for last, title in zip("456", ("SUB", "LOC", "REG"), strict=True):
            yield _ai(f"{start}{last}", f"{way} {title}", _words(70), needs="00")
        country = text(2, is_.country_in_letters)
        yield _ai(f"{start}7", f"{way} COUNTRY", country, needs="00")
    yield _ai("4308", "SHIP TO PHONE", text_to(30), needs="00")
    north, east = digits(10, is_.latitude), digits(10, is_.longitude)
    yield _ai("4309", "SHIP TO GEO", north, east, needs="00")
    yield _ai("4318", "RTN TO POST", text_to(20), needs="00")
    yield _ai("4319", "RTN TO PHONE", text_to(30), needs="00")
    yield _ai("4320", "SRV DESCRIPTION", _words(35), needs="00")
    yield _ai("4321", "DANGEROUS GOODS", _FLAG, needs="00")
    yield _ai("4322", "AUTH TO LEAVE", _FLAG, needs="00")
    yield _ai("4323", "SIG REQUIRED", _FLAG, needs="00")
    yield _ai("4324", "NOT BEF DEL DT", _DAY0, _TIME, needs="00")
    yield _ai("4325", "NOT AFT DEL DT", _DAY0, _TIME, needs="00")
    yield _ai("4326", "REL DATE", _DAY, needs="00")
    yield _ai("4330", "MAX TEMP F.", *_DEGREES, needs="00", never="4331")
    yield _ai("4331", "MAX TEMP C.", *_DEGREES, needs="00", never="4330")
    yield _ai("4332", "MIN TEMP F.", *_DEGREES, needs="00", never="4333")
    yield _ai("4333", "MIN TEMP C.", *_DEGREES, needs="00", never="4332")


def _food_and_repair() -> Iterator[Ai]:
    yield _ai("7001", "NSN", digits(13), needs="01 02 8006 8026")
    yield _ai("7002", "MEAT CUT", text_to(30), needs=_UNITS)
    yield _ai("7003", "EXPIRY TIME", _DAY, _TIME, needs=_ITEMS)
    yield _ai("7004", "ACTIVE POTENCY", digits_to(4), needs="01+10 03+10")
    yield _ai("7005", "CATCH AREA", text_to(12), needs=_UNITS)
    yield _ai("7006", "FIRST FREEZE DATE", _DAY, needs=_UNITS)
    yield _ai("7007", "HARVEST DATE", _DAY, or_nothing(_DAY), needs=_UNITS)
    yield _ai("7008", "AQUATIC SPECIES", text_to(3), needs=_UNITS)
    yield _ai("7009", "FISHING GEAR TYPE", text_to(10), needs=_UNITS)
    yield _ai("7010", "PROD METHOD", text_to(2), needs=_ITEMS)
    yield _ai("7011", "TEST BY DATE", _DAY, or_nothing(_TIME), needs=_ITEMS)
    yield _ai("7020", "REFURB LOT", text_to(20), needs="01+416 03+416 8006+416")
    yield _ai("7021", "FUNC STAT", text_to(20), needs="01 03 8006")
    yield _ai("7022", "REV STAT", text_to(20), needs="01+7021 03+7021 8006+7021")
    yield _ai("7023", "GIAI - ASSEMBLY", text_to(30, is_.company_first))
    for number in range(10):
        processor = (digits(3, is_.country_or_999), text_to(27))
        yield _ai(f"703{number}", f"PROCESSOR # {number}", *processor, needs=_UNITS)
    index = (digits(1), text(1), text(1), text(1, is_.importer))
    yield _ai("7040", "UIC+EXT", *index, in_query=False)
    yield _ai("7041", "UFRGT UNIT TYPE", text_to(4, is_.package), needs="00", in_query=False)


def _health_and_people() -> Iterator[Ai]:
    for last, name in enumerate(("PZN", "CIP", "CN", "DRN", "AIM", "NDC", "AIC", "SRN")):
        yield _ai(f"71{last}", f"NHRN {name}", text_to(20), needs="01")
    for number in range(10):
        certificate = (text(2), text_to(28))
        yield _ai(f"723{number}", f"CERT # {number + 1}", *certificate, needs="01 8004")
    yield _ai("7240", "PROTOCOL", text_to(20), needs="01 8006", never="03")
    yield _ai("7241", "AIDC MEDIA TYPE", digits(2, is_.medium), needs=_PARTY)
    yield _ai("7242", "VCN", text_to(25), needs=_PARTY)
    born = digits(8, is_.yyyymmdd)
    yield _ai("7250", "DOB", born, needs="8018", never="7251")
    yield _ai("7251", "DOB TIME", born, _TIME, needs="8018", never="7250")
    yield _ai("7252", "BIO SEX", digits(1, is_.sex), needs="8018")
    yield _ai("7253", "FAMILY NAME", _words(40), needs=_PARTY, never="7256 7259")
    yield _ai("7254", "GIVEN NAME", _words(40), needs=_PARTY, never="7256 7259")
    yield _ai("7255", "SUFFIX", text_to(10), needs=_PARTY, never="7256 7259")
    yield _ai("7256", "FULL NAME", _words(90), needs=_PARTY)
    yield _ai("7257", "PERSON ADDR", _words(70), needs="8018")
    yield _ai("7258", "BIRTH SEQUENCE", text(3, is_.position_in_sequence), needs="8018+7259")
    yield _ai("7259", "BABY", _words(40), needs="8018", never="7256")


def _things_and_services() -> Iterator[Ai]:
    roll = [digits(size, is_.not_zero) for size in (4, 5, 3)]
    roll += [digits(1, is_.winding), digits(1)]
    yield _ai("8001", "DIMENSIONS", *roll, needs="01")
    yield _ai("8002", "CMT No.", text_to(20))
    yield _ai("8003", "GRAI", digits(1, is_.zero), _GLN, or_nothing(text_to(16)), key="")
    yield _ai("8004", "GIAI", text_to(30, is_.company_first), key="7040")
    yield _ai("8005", "PRICE PER UNIT", digits(6), needs=_UNITS)
    yield _ai("8006", "ITIP", *_PIECES, never="01 03 37", key="22 10 21")
    yield _ai("8007", "IBAN", text_to(34, is_.iban), needs="415")
    clock = [digits(2, is_.hour), digits(2, is_.minute), digits(2, is_.second)]
    produced = (_DAY, clock[0], *map(or_nothing, clock[1:]))
    yield _ai("8008", "PROD TIME", *produced, needs=_ITEMS)
    yield _ai("8009", "OPTSEN", text_to(50), needs="00 01 03")
    component = Part(is_.set_39, 1, 30, (is_.company_first,))
    yield _ai("8010", "CPID", component, key="8011")
    serial = digits_to(12, is_.no_leading_zero)
    yield _ai("8011", "CPID SERIAL", serial, needs="8010", in_query=False)
    yield _ai("8012", "VERSION", text_to(20), needs="01 03 8006")
    yield _ai("8013", "GMN", text_to(25, is_.check_pair, is_.company_first), key="")
    device = text_to(25, is_.check_pair, is_.company_first, is_.not_only_digits)
    yield _ai("8014", "MUDI", device, needs="01", in_query=False)
    relation = digits(18, is_.check_digit, is_.company_first)
    yield _ai("8017", "GSRN - PROVIDER", relation, never="8018", key="8019")
    yield _ai("8018", "GSRN - RECIPIENT", relation, never="8017", key="8019")
    yield _ai("8019", "SRIN", digits_to(10), needs=_PARTY, in_query=False)
    yield _ai("8020", "REF No.", text_to(25), needs="415", in_query=False)
    yield _ai("8026", "ITIP CONTENT", *_PIECES, needs="37", never="02 03 8006")
    signed = "00 01+21 03+21 253 255 8003 8004 8006+21 8010+8011 8017 8018"
    yield _ai("8030", "DIGSIG", Part(is_.base64url, 1, 90, ()), needs=signed)
    yield _ai("8040", "IMEI", digits(15), needs="01+21", in_query=False)
    yield _ai("8041", "IMEI2", digits(15), needs="01+21+8040", in_query=False)
    yield _ai("8042", "ESIM", digits(32), needs="01+21+8040", in_query=False)
    sim = (digits(18), or_nothing(digits_to(2)))
    yield _ai("8043", "PSIM", *sim, needs="01+21+8040", in_query=False)
    yield _ai("8110", "COUPON", text_to(70, coupon))
    yield _ai("8111", "POINTS", digits(4), needs="255")
    yield _ai("8112", "COUPON OFFER", text_to(70, positive_offer))
    yield _ai("8200", "PRODUCT URL", text_to(70), needs="01", in_query=False)
    yield _ai("90", "INTERNAL", text_to(30))
    for number in range(91, 100):
        yield _ai(str(number), "INTERNAL", text_to(90))


TABLE: Final[dict[str, Ai]] = {
    ai.code: ai
    for family in (
        _what_it_is(),
        _measures(),
        _money(),
        _where(),
        _transport(),
        _food_and_repair(),
        _health_and_people(),
        _things_and_services(),
    )
    for ai in family
}
