"""Browsers and devices, by what browsers say of themselves."""
