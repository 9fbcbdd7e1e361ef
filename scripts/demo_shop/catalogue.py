"""What the shop sells and what people can be called, do and say.

Some names and searches hold quotes, commas, Unicode and text that looks like SQL,
because raw data does, and nothing that reads it may be bothered.
"""

import json
from dataclasses import dataclass

from .dice import Weighted


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class City:
    country: str
    name: str
    language: str


@dataclass(frozen=True)
class Product:
    category: str
    brand: str
    price_cents: int

    @property
    def words(self) -> str:
        """The members `category` and `brand` of a JSON object, without the braces."""
        return f'"category":{as_json(self.category)},"brand":{as_json(self.brand)}'


CITIES = Weighted(
    {
        City("DE", "Berlin", "de"): 16,
        City("DE", "Hamburg", "de"): 10,
        City("DE", "Köln", "de"): 7,
        City("AT", "Wien", "de"): 6,
        City("CH", "Zürich", "de"): 5,
        City("FR", "Paris", "fr"): 11,
        City("FR", "Saint-Étienne", "fr"): 3,
        City("GB", "London", "en"): 12,
        City("GB", "Stoke-on-Trent, Staffordshire", "en"): 2,
        City("IE", "Dublin", "en"): 3,
        City("NL", "'s-Hertogenbosch", "nl"): 3,
        City("NL", "Amsterdam", "nl"): 6,
        City("PL", "Łódź", "pl"): 5,
        City("ES", "Madrid", "es"): 7,
        City("IT", "L'Aquila", "it"): 3,
    }
)

_BRANDS = {
    "shoes": (("Nordlauf", 8900), ("Velo & Co", 12900), ("Strøm", 6900)),
    "outdoor": (("Fjell", 15900), ("Berg, Tal", 7900), ("Nordlauf", 9900)),
    "home": (("Casa Úna", 3900), ("O'Malley", 5900), ("Lumen", 2900)),
    "beauty": (("Flor", 2400), ("L'Eau", 4900), ("Pur 100%", 1900)),
    "kids": (("Piccolo", 2900), ("Zwerg", 1900)),
    "electronics": (("Volta", 19900), ("Hertz", 8900), ('Nine "9"', 4900)),
    "books": (("Feder", 1800), ("Page One", 1400)),
}
PRODUCTS = {
    category: tuple(Product(category, brand, cents) for brand, cents in brands)
    for category, brands in _BRANDS.items()
}
CATEGORIES = tuple(PRODUCTS)
PRODUCT_WORDS = {
    product: product.words for products in PRODUCTS.values() for product in products
}

_COMMON_NAMES = (
    "Anna", "Ben", "Clara", "David", "Emma", "Finn", "Greta", "Hugo", "Ida", "Jonas",
    "Leon", "Mia", "Noah", "Olga", "Paul", "Rosa", "Samuel", "Tilda", "Victor", "Zoë",
    "François", "Łucja", "Søren", "Jürgen", "Nuño",
)  # fmt: skip
_TRYING_NAMES = (
    "D'Arcy", 'Anna "Annie"', "Lee, Jr.", "李娜", "Мария", "ليلى", "Zoe\u0301",
    "Robert'); drop table users;--", "100% Max", "Back\\slash", "{{ name }}",
)  # fmt: skip
FIRST_NAMES = Weighted(
    dict.fromkeys(_COMMON_NAMES, 40) | dict.fromkeys(_TRYING_NAMES, 6)
)
GENDERS = Weighted({"female": 45, "male": 41, "diverse": 3, None: 11})
PLANS = ("free", "basic", "premium")
FIRST_PLANS = Weighted({"free": 70, "basic": 20, "premium": 10})
COMPANIES = (
    ("Müller, Söhne & Co", "retail", 45),
    ('Acme "Tools" Inc.', "manufacturing", 1200),
    ("O'Reilly Logistics", "logistics", 310),
    ("Nordwind Energie", "energy", 5400),
    ("Kita Sonnenschein", "education", 12),
    ("Blue; Harbour", "software", 85),
    ("Praxis Dr. Żak", "health", 7),
    ("Hotel d'Étoile", "travel", 60),
)
BANKS = ("Nordbank", "Caisse d'Or", "First & Last", "Łódź Bank")
INTERESTS = ("running", "jazz", "cooking", "hiking", "gaming", "rock 'n' roll", "yoga")
GOALS = ("save money", "get fit", "find gifts", "just looking", "it's complicated")

SEARCHES = Weighted(
    {
        "running shoes": 20,
        "gift": 18,
        "sale": 15,
        "rain jacket": 12,
        "lamp": 10,
        "children's books": 8,
        'tv 55"': 4,
        "50% off, red": 3,
        "größe 42": 4,
        "crème brûlée": 2,
        "'; drop table events;--": 1,
        "back\\slash": 1,
    }
)
SONGS = (
    ("Miles & Smiles", "jazz"),
    ("The O'Days", "rock"),
    ("Sigur Wind", "ambient"),
    ("DJ Łuk", "electronic"),
    ('Big "B"', "hip-hop"),
    ("Clara S.", "classical"),
)
WORKOUTS = ("run", "yoga", "strength", "cycling", "swim")
FEATURES = Weighted(
    {
        "wishlist": 40,
        "size_finder": 22,
        "price_alert": 18,
        "visual_search": 12,
        "store_locator": 8,
    }
)
PAGES = Weighted({"home": 40, "category": 30, "account": 12, "help": 6, "blog": 12})
CHAT_TOPICS = ("delivery", "return", "payment", "it doesn't fit", "plan")
COUPONS = ("WELCOME10", "THANKYOU", "FRIENDS20")
SALE_COUPON = "SALE"
