"""Comparisons computed from one release: costs, differences, prose, pages. Reads the warehouse's public API only."""

from comparisons.bill import Bill, Unpriced, Usage
from comparisons.prices import Prices, price

__all__ = ["Bill", "Prices", "Unpriced", "Usage", "price"]
