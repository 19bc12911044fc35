"""The pages behind the sign-in: for store admins and agencies."""
