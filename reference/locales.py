"""What each locale needs that no library says in the form needed here: company forms, titles, addresses, postcodes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Locale:
    """One locale.

    Attributes:
        names: the locale of Faker that has its names.
        streets: a language of mimesis, or a locale of Faker, that has its streets.
        address: the form of an address line.
        postcodes: forms; # is a digit, % a digit from 1, @ a letter.
        forms: legal forms of companies, as they stand with a family name.
        titles: courtesy titles, women's and men's.
        order: how a full name is written.
        reversed: how it is written family name first.
    """

    names: str
    streets: str
    address: str
    postcodes: tuple[str, ...]
    forms: tuple[str, ...]
    titles: tuple[tuple[str, ...], tuple[str, ...]]
    order: str = "{first} {last}"
    reversed: str = "{last}, {first}"


ENGLISH = (("Ms.",) * 11 + ("Mrs.",) * 8 + ("Dr.",), ("Mr.",) * 19 + ("Dr.",))
BRITISH = (("Ms",) * 6 + ("Mrs",) * 8 + ("Miss",) * 5 + ("Dr",), ("Mr",) * 19 + ("Dr",))
GERMAN = (("Frau",) * 19 + ("Dr.",), ("Herr",) * 19 + ("Dr.",))
FRENCH = (("Mme",), ("M.",))
SPANISH = (("Sra.",) * 13 + ("Srta.",) * 6 + ("Dra.",), ("Sr.",) * 19 + ("Dr.",))
DUTCH = (("Mevr.",) * 19 + ("Dr.",), ("Dhr.",) * 19 + ("Dr.",))
US_FORMS = (
    "{last} Inc.",
    "{last} LLC",
    "{last} & {other}",
    "{last} Group",
    "{last}, {other} and Sons",
    "{last} Partners",
)
UK_FORMS = ("{last} Ltd", "{last} & {other}", "{last} PLC", "{last} & Sons", "{last} {other} LLP")
DE_FORMS = (
    "{last} GmbH",
    "{last} & {other} GmbH",
    "{last} AG",
    "{last} KG",
    "{last} & Söhne OHG",
    "{last} GmbH & Co. KG",
)
FR_FORMS = ("{last} SARL", "{last} SA", "{last} et {other}", "{last} SAS", "Établissements {last}")
ES_FORMS = ("{last} S.L.", "{last} y {other} S.A.", "{last} S.A.", "Grupo {last}", "Hermanos {last} S.L.")
UK_POSTCODES = ("@% %@@", "@@% %@@", "@%# %@@", "@@%# %@@")

LOCALES = {
    "en_US": Locale("en_US", "en", "{number} {street}", ("#####",), US_FORMS, ENGLISH),
    "en_GB": Locale("en_GB", "en-gb", "{number} {street}", UK_POSTCODES, UK_FORMS, BRITISH),
    "en_CA": Locale("en_US", "en-ca", "{number} {street}", ("@#@ #@#",), US_FORMS, ENGLISH),
    "en_AU": Locale("en_GB", "en-au", "{number} {street}", ("2###", "3###", "4###", "5###", "6###"), ("{last} Pty Ltd", "{last} & {other} Pty Ltd", "{last} Group"), BRITISH),
    "en_NZ": Locale("en_NZ", "en-au", "{number} {street}", ("0%##", "1###", "3###", "5###", "8###"), ("{last} Ltd", "{last} & {other}", "{last} Group"), BRITISH),
    "en_IE": Locale("en_IE", "en-gb", "{number} {street}", ("@## @#@#",), ("{last} Ltd", "{last} & {other} Ltd", "{last} DAC"), BRITISH),
    "en_IN": Locale("en_IN", "en_IN", "{number}, {street}", ("%#####",), ("{last} Pvt. Ltd.", "{last} & {other}", "{last} Industries Ltd.", "{last} & Sons"), (("Ms.", "Mrs.", "Smt."), ("Mr.", "Mr.", "Shri"))),
    "de_DE": Locale("de_DE", "de", "{street} {number}", ("%####", "0%###"), DE_FORMS, GERMAN),
    "de_AT": Locale("de_AT", "de-at", "{street} {number}", ("%###",), ("{last} GmbH", "{last} & {other} OG", "{last} AG", "{last} KG"), GERMAN),
    "de_CH": Locale("de_CH", "de-ch", "{street} {number}", ("%###",), ("{last} AG", "{last} GmbH", "{last} & Partner", "{last} & Söhne"), GERMAN),
    "fr_FR": Locale("fr_FR", "fr", "{number} {street}", ("%####", "0%###"), FR_FORMS, FRENCH),
    "fr_CA": Locale("fr_CA", "fr_CA", "{number}, {street}", ("@#@ #@#",), ("{last} inc.", "{last} et {other}", "Groupe {last} ltée"), FRENCH),
    "nl_NL": Locale("nl_NL", "nl", "{street} {number}", ("%### @@",), ("{last} B.V.", "{last} & {other} B.V.", "{last} N.V.", "{last} & Zonen"), DUTCH),
    "nl_BE": Locale("nl_BE", "nl-be", "{street} {number}", ("%###",), ("{last} BV", "{last} NV", "{last} & {other} BV"), DUTCH),
    "es_ES": Locale("es_ES", "es", "{street}, {number}", ("0%###", "%####"), ES_FORMS, SPANISH),
    "es_MX": Locale("es_MX", "es-mx", "{street} {number}", ("%####", "0%###"), ("{last} S.A. de C.V.", "Grupo {last}", "{last} y {other} S. de R.L."), SPANISH),
    "es_AR": Locale("es_AR", "es", "{street} {number}", ("@####@@@",), ("{last} S.A.", "{last} S.R.L.", "{last} e Hijos", "Grupo {last}"), SPANISH),
    "pt_PT": Locale("pt_PT", "pt_PT", "{street} {number}", ("%###-###",), ("{last}, Lda.", "{last} & {other}, Lda.", "{last} S.A."), (("Sra.", "Dra."), ("Sr.", "Dr."))),
    "pt_BR": Locale("pt_BR", "pt_BR", "{street}, {number}", ("%####-###",), ("{last} Ltda.", "{last} S.A.", "{last} & {other} Ltda.", "Grupo {last}"), (("Sra.", "Dra."), ("Sr.", "Dr."))),
    "it_IT": Locale("it_IT", "it", "{street} {number}", ("%####", "00###"), ("{last} S.r.l.", "{last} S.p.A.", "{last} & {other} S.n.c.", "Fratelli {last}"), (("Sig.ra", "Dott.ssa"), ("Sig.", "Dott."))),
    "sv_SE": Locale("sv_SE", "sv", "{street} {number}", ("%## ##",), ("{last} AB", "{last} & {other} AB", "{last} Handelsbolag"), ((), ())),
    "da_DK": Locale("da_DK", "da", "{street} {number}", ("%###",), ("{last} A/S", "{last} ApS", "{last} & {other} I/S"), (("Fru",), ("Hr.",))),
    "no_NO": Locale("no_NO", "no_NO", "{street} {number}", ("%###", "0%##"), ("{last} AS", "{last} & {other} AS", "{last} ANS"), ((), ())),
    "fi_FI": Locale("fi_FI", "fi_FI", "{street} {number}", ("%####", "00%##"), ("{last} Oy", "{last} & {other} Oy", "{last} Oyj", "{last} Ky"), ((), ())),
    "pl_PL": Locale("pl", "pl", "{street} {number}", ("%#-###", "0%-###"), ("{last} Sp. z o.o.", "{last} S.A.", "{last} i Synowie", "{last} Sp.j."), (("Pani",), ("Pan",))),
    "cs_CZ": Locale("cs_CZ", "cs", "{street} {number}", ("%## ##",), ("{last} s.r.o.", "{last} a.s.", "{last} a synové"), (("Paní",), ("Pan",))),
    "sk_SK": Locale("sk_SK", "sk", "{street} {number}", ("0## ##", "8## ##", "9## ##"), ("{last} s.r.o.", "{last} a.s.", "{last} a synovia"), (("Pani",), ("Pán",))),
    "hu_HU": Locale("hu_HU", "hu", "{street} {number}.", ("%###",), ("{last} Kft.", "{last} Zrt.", "{last} és {other} Bt.", "{last} Nyrt."), ((), ()), "{last} {first}", "{last} {first}"),
    "ro_RO": Locale("ro_RO", "ro_RO", "{street} nr. {number}", ("%#####",), ("{last} SRL", "{last} SA", "{last} și {other} SNC"), (("Dna",), ("Dl",))),
    "hr_HR": Locale("hr_HR", "hr", "{street} {number}", ("%####",), ("{last} d.o.o.", "{last} d.d.", "{last} i sinovi d.o.o."), (("Gđa",), ("G.",))),
    "et_EE": Locale("et_EE", "et", "{street} {number}", ("%####",), ("{last} OÜ", "{last} AS", "{last} ja Pojad OÜ"), (("Pr",), ("Hr",))),
    "el_GR": Locale("el_GR", "el", "{street} {number}", ("%## ##",), ("{last} Α.Ε.", "{last} Ε.Π.Ε.", "{last} & {other} Ο.Ε."), (("Κα",), ("Κος",))),
    "tr_TR": Locale("tr_TR", "tr", "{street} No: {number}", ("%####", "0%###"), ("{last} A.Ş.", "{last} Ltd. Şti.", "{last} Holding", "{last} ve Oğulları"), (("Bayan",), ("Bay",))),
    "ru_RU": Locale("ru_RU", "ru", "{street}, д. {number}", ("%#####",), ("ООО «{last}»", "АО «{last}»", "ООО «{last} и партнёры»", "ЗАО «{last}»"), (("г-жа",), ("г-н",))),
    "uk_UA": Locale("uk_UA", "uk", "{street}, {number}", ("%####", "0%###"), ("ТОВ «{last}»", "ПрАТ «{last}»", "ТОВ «{last} і партнери»"), (("пані",), ("пан",))),
    "he_IL": Locale("he_IL", "he_IL", "{street} {number}", ("%######",), ("{last} בע״מ", "{last} ובניו בע״מ", "קבוצת {last}"), (("גב׳",), ("מר",))),
    "ar_SA": Locale("ar_SA", "ar", "{number} {street}", ("%####",), ("شركة {last}", "مؤسسة {last}", "مجموعة {last}"), (("السيدة",), ("السيد",)), "{first} {last}", "{last}، {first}"),
    "fa_IR": Locale("fa_IR", "fa", "{street}، پلاک {number}", ("%#########",), ("شرکت {last}", "گروه {last}", "صنایع {last}"), (("خانم",), ("آقای",)), "{first} {last}", "{last}، {first}"),
    "hi_IN": Locale("hi_IN", "hi_IN", "{number}, {street}", ("%#####",), ("{last} प्राइवेट लिमिटेड", "{last} एंड संस", "{last} इंडस्ट्रीज"), (("श्रीमती",), ("श्री",))),
    "ja_JP": Locale("ja", "ja", "{street}{number}", ("%##-####",), ("株式会社{last}", "{last}株式会社", "有限会社{last}", "{last}合同会社"), (("様",), ("様",)), "{last} {first}", "{last} {first}"),
    "ko_KR": Locale("ko_KR", "ko", "{street} {number}", ("%####", "0%###"), ("주식회사 {last}산업", "(주){last}전자", "{last}그룹", "유한회사 {last}상사"), (("님",), ("님",)), "{last}{first}", "{last} {first}"),
    "zh_CN": Locale("zh_CN", "zh", "{street}{number}号", ("%#####",), ("{last}{other}科技有限公司", "{last}{other}贸易有限公司", "{last}氏集团有限公司"), (("女士",), ("先生",)), "{last}{first}", "{last}{first}"),
    "th_TH": Locale("th_TH", "th_TH", "{number} {street}", ("%####",), ("บริษัท {last} จำกัด", "ห้างหุ้นส่วน {last}", "บริษัท {last} จำกัด (มหาชน)"), (("นาง", "นางสาว"), ("นาย",))),
    "vi_VN": Locale("vi_VN", "vi_VN", "{number} {street}", ("%#####", "0%####"), ("Công ty TNHH {last}", "Công ty Cổ phần {last}", "Tập đoàn {last}"), (("Bà",), ("Ông",)), "{last} {first}", "{last} {first}"),
    "id_ID": Locale("id_ID", "id_ID", "{street} No. {number}", ("%####",), ("PT {last}", "CV {last}", "PT {last} Tbk"), (("Ibu",), ("Bapak",))),
    "ka_GE": Locale("ka_GE", "ka_GE", "{street} {number}", ("0###",), ("შპს {last}", "სს {last}"), (("ქალბატონი",), ("ბატონი",))),
    "hy_AM": Locale("hy_AM", "hy_AM", "{street} {number}", ("0###", "1###", "2###"), ("{last} ՍՊԸ", "{last} ՓԲԸ", "{last} և {other} ՍՊԸ"), (("տիկին",), ("պարոն",))),
}  # fmt: skip

VIETNAMESE = {
    "last": {"Nguyễn": 38, "Trần": 11, "Lê": 9.5, "Phạm": 7, "Hoàng": 5, "Phan": 4.5, "Vũ": 3.9, "Đặng": 2.1, "Bùi": 2, "Đỗ": 1.4, "Hồ": 1.3, "Ngô": 1.3, "Dương": 1, "Lý": 0.5},
    "female": ["Anh", "Ánh", "Bích", "Châu", "Chi", "Diễm", "Diệp", "Dung", "Giang", "Hà", "Hạnh", "Hằng", "Hiền", "Hoa", "Hồng", "Huệ", "Hương", "Huyền", "Khánh", "Lan", "Liên", "Linh", "Loan", "Ly", "Mai", "My", "Nga", "Ngân", "Ngọc", "Nhi", "Nhung", "Oanh", "Phương", "Phượng", "Quyên", "Quỳnh", "Tâm", "Thảo", "Thanh", "Thu", "Thủy", "Thúy", "Trang", "Trâm", "Trinh", "Tú", "Tuyết", "Uyên", "Vân", "Vy", "Xuân", "Yến"],
    "male": ["An", "Anh", "Bảo", "Bình", "Chiến", "Công", "Cường", "Danh", "Dũng", "Duy", "Đạt", "Đức", "Giang", "Hải", "Hào", "Hiếu", "Hiệp", "Hoàng", "Hùng", "Huy", "Hưng", "Khang", "Khánh", "Khoa", "Kiên", "Lâm", "Long", "Lộc", "Minh", "Nam", "Nghĩa", "Nhân", "Phong", "Phú", "Phúc", "Phước", "Quân", "Quang", "Quốc", "Sơn", "Tài", "Tâm", "Thành", "Thắng", "Thiện", "Thịnh", "Tiến", "Toàn", "Trung", "Trường", "Tuấn", "Tùng", "Việt", "Vinh"],
}  # fmt: skip
"""Given names by form, and family names with their shares of the population (Lê Trung Hoa, Họ và tên người Việt Nam, 2005)."""

SPOKEN_IN = {"fr_CA": {"QC", "NB"}, "nl_BE": {"VLG", "BRU"}}
"""Divisions whose language a locale has, where a country has several."""

POSTCODE_STARTS: dict[str, tuple[str, dict[str, str]]] = {
    "DE": ("###", {
        "BE": "10 12 13 14", "BB": "03 15 16", "BW": "68 69 70 71 72 73 74 75 76 77 78 79 88", "BY": "80 81 82 83 84 85 86 87 90 91 92 93 94 95 96 97",
        "HB": "28", "HE": "34 35 36 60 61 63 64 65", "HH": "20 21 22", "MV": "17 18 19", "NI": "26 29 30 31 37 38 49",
        "NW": "32 33 40 41 42 44 45 46 47 48 50 51 52 53 57 58 59", "RP": "54 55 56 67", "SL": "66", "SN": "01 02 04 08 09", "ST": "06 39",
        "SH": "23 24 25", "TH": "07 98 99",
    }),
    "FR": ("###", {
        "IDF": "75 77 78 91 92 93 94 95", "HDF": "02 59 60 62 80", "NOR": "14 27 50 61 76", "BRE": "22 29 35 56", "PDL": "44 49 53 72 85",
        "CVL": "18 28 36 37 41 45", "GES": "08 10 51 52 54 55 57 67 68 88", "BFC": "21 25 39 58 70 71 89 90", "NAQ": "16 17 19 23 24 33 40 47 64 79 86 87",
        "ARA": "01 03 07 15 26 38 42 43 63 69 73 74", "OCC": "09 11 12 30 31 32 34 46 48 65 66 81 82", "PAC": "04 05 06 13 83 84", "20R": "20",
    }),
    "AT": ("##", {"9": "10 11 12", "3": "20 22 25 30 31 32 35", "4": "40 41 44 46 47", "5": "50 51 52 55", "7": "60 61 62 63", "8": "67 68 69", "1": "70 71 73 74", "6": "80 82 83 87", "2": "90 91 95 98"}),
    "AU": ("###", {"NSW": "2", "ACT": "2", "VIC": "3", "QLD": "4", "SA": "5", "WA": "6", "TAS": "7", "NT": "0"}),
    "CA": ("#@ #@#", {"NL": "A", "NS": "B", "PE": "C", "NB": "E", "QC": "G H J", "ON": "K L M N P", "MB": "R", "SK": "S", "AB": "T", "BC": "V", "NT": "X", "NU": "X", "YT": "Y"}),
}  # fmt: skip
"""How postcodes end, and how they begin by division (the postal services' routing areas, where they lie within one division)."""
