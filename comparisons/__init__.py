"""Comparisons computed from one release: costs, differences, prose, pages.

Reads the warehouse's public API only.
"""

from almanac.comparisons.pricing.quotes import Prices, price
from almanac.comparisons.pricing.tariff import Bill, Unpriced, Usage

__all__ = ["Bill", "Prices", "Unpriced", "Usage", "price"]
