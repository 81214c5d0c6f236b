"""Vouchers: what a code takes off, who pays for it, and how often it may be used."""
