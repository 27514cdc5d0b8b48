"""Why a stock was bought, held, sold or left alone, as plain values.

What may enter: questions asked of the rules again. Nothing is shown here.
"""
