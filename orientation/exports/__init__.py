"""Spreadsheets of the requests and answers of a school (SIE-08)."""
