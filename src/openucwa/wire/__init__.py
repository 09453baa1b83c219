"""The payload language of UCWA: representations, JSON, entity tags, dates, enumerations, errors.

The ground floor: everything may stand on it, and it knows neither HTTP nor SQL.
"""
