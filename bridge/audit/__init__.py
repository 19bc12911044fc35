"""Who changed what, when, from where: before and after."""
