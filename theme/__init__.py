"""The look of the site: components, templates, stylesheets, scripts, the words of both languages.

Knows no model and asks no database; pages hand it plain values.
"""
