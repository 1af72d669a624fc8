"""Phone numbers of the whole world, by the library made for it."""

import phonenumbers


def parse_phone(value: str) -> str | None:
    """E.164 of a valid number; national forms are read as Chinese. None when it is no number."""
    try:
        number = phonenumbers.parse(value, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
