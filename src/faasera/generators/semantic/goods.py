"""Products and their codes, colours."""

from functools import cache

import pyarrow as pa

from faasera.generators.generator import Choice
from faasera.generators.semantic.codes import CodeDomain, remainders, weighted
from faasera.generators.semantic.groups import SemanticColumn
from faasera.generators.semantic.identifiers import choice
from faasera.generators.semantic.known import known_list
from faasera.generators.semantic.registry import declare

_EAN = weighted((1, 3) * 6, 10, remainders(10))
EAN13 = CodeDomain("2###########①", (_EAN,), source="from 2, kept for use inside of a company")
ISBN13 = CodeDomain("9799########①", (_EAN,), source="from 979-9, a group that is not assigned")
SKU = CodeDomain("@@@-####-@#", source="three letters, four digits, a letter and a digit")

_KINDS = ("Classic", "Compact", "Comfort", "Deluxe", "Eco", "Essential", "Everyday", "Folding", "Heavy-Duty", "Heritage", "Mini", "Modern", "Portable", "Premium", "Pro", "Slim", "Smart", "Soft", "Travel", "Ultra")  # fmt: skip
_MATERIALS = ("Bamboo", "Canvas", "Ceramic", "Copper", "Cork", "Cotton", "Glass", "Granite", "Leather", "Linen", "Oak", "Steel", "Walnut", "Wool")  # fmt: skip
_THINGS = ("Backpack", "Basket", "Blanket", "Bottle", "Bowl", "Chair", "Clock", "Cutting Board", "Desk Lamp", "Dinner Plate", "Drinking Cup", "Duffel Bag", "Footstool", "Fruit Bowl", "Garden Bench", "Hat", "Jacket", "Jar", "Keychain", "Kitchen Knife", "Mirror", "Mug", "Notebook", "Pencil Case", "Picture Frame", "Pillow", "Plant Pot", "Scarf", "Serving Tray", "Shelf", "Side Table", "Socks", "Storage Box", "Tea Kettle", "Toolbox", "Towel", "Umbrella Stand", "Vase", "Wall Hook", "Wallet")  # fmt: skip
_COLORS = ("White", "Black", "Gray", "Silver", "Navy", "Blue", "Sky Blue", "Teal", "Turquoise", "Green", "Olive", "Lime", "Yellow", "Gold", "Orange", "Coral", "Red", "Crimson", "Maroon", "Pink", "Magenta", "Purple", "Lavender", "Indigo", "Brown", "Beige", "Ivory", "Khaki")  # fmt: skip


@cache
def _products() -> pa.Array:
    return pa.array([f"{kind} {material} {thing}" for kind in _KINDS for material in _MATERIALS for thing in _THINGS])


def _product_name(column: SemanticColumn) -> Choice:  # noqa: ARG001
    return Choice(known_list(_products, source="a kind, a material and a thing"))


def _colors() -> pa.Array:
    return pa.array(_COLORS)


def _color(column: SemanticColumn) -> Choice:  # noqa: ARG001
    return Choice(known_list(_colors, source="colours"))


declare(name="product-name", kind="", names=("productname", "product", "itemname", "articlename"), summary="A household product.", example="Classic Oak Shelf", compile=_product_name)  # fmt: skip
declare(name="sku", kind="", names=("sku", "skucode", "itemcode", "articlenumber", "productcode"), summary="A stock keeping unit.", example="KTR-4821-B7", compile=choice(SKU), pattern=r"[A-Z]{3}-\d{4}-[A-Z]\d")  # fmt: skip
declare(name="ean13", kind="", names=("ean13", "ean", "barcode", "gtin", "gtin13"), summary="An EAN-13, with its check digit.", example="2256705463284", compile=choice(EAN13), safe="from 2, kept for use inside of a company", source="GS1 General Specifications, restricted circulation numbers", pattern=r"2\d{12}")  # fmt: skip
declare(name="isbn13", kind="", names=("isbn13", "isbn"), summary="An ISBN-13, with its check digit.", example="9799256705463", compile=choice(ISBN13), safe="from 979-9, a registration group that is not assigned", source="International ISBN Agency, range message", pattern=r"9799\d{9}")  # fmt: skip
declare(name="color", kind="", names=("color", "colour", "colorname"), summary="The name of a colour.", example="Teal", compile=_color)  # fmt: skip
