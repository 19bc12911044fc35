"""Outgoing webhooks: other systems of the merchant are told when points, tiers, vouchers change."""
