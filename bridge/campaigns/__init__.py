"""What is given on an occasion or after an order: next-purchase discounts, cashback, birthdays."""
