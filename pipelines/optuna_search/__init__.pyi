from .importances import importances
from .search import OptunaSearch

__all__ = ["OptunaSearch", "importances"]
