"""The bridge's own promotions in shops that the programme plans: gifts, automatic discounts."""
