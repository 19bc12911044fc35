"""The programme: the merchant's file that says which groups there are, what they pay, and how
members earn points.

Pure code. It reads files and nothing else: no database, no shop, no clock.

* :func:`bridge.programme.loading.load` reads the YAML file and its CSV files.
* :mod:`bridge.programme.document` holds the models; :mod:`bridge.programme.canonical` turns
  them into the text that is stored as a version, :mod:`bridge.programme.writing` into YAML.
* :mod:`bridge.programme.points`, :mod:`bridge.programme.earning_rules` and
  :mod:`bridge.programme.loyalty` hold its sections on points,
  segments, tiers, companies and rates.
* :func:`bridge.programme.rules.ladders` resolves the price lists against a catalogue.
* :func:`bridge.programme.membership.wanted_group` says which group a customer belongs to.
"""
