"""What families and schools keep on paper: sheet, attestation, appeal form, flyer (SIE-09, DOC-01).

Each module says the words of one document, from facts; `pdf` makes them an accessible PDF.
"""
