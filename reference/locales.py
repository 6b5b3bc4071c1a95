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
