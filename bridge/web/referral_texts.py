"""What friends read on the pages of referrals, in their language."""

from __future__ import annotations

ENGLISH = {
    "invite_title": "A recommendation for you",
    "invite": "Somebody who buys at {merchant} recommends it to you. On your first purchase you "
    "get {worth}.",
    "basket": "For a basket of at least {amount}.",
    "email": "Your e-mail address",
    "store": "Where you want to buy",
    "consent": "{merchant} may store this address and write to it, to confirm that it is mine "
    "and to send me the code. If I do not confirm it, it is deleted after 14 days.",
    "send": "Send me the link",
    "new_only": "For people who have not bought at {merchant} yet.",
    "bad_email": "This is not an e-mail address: write it like name@example.com.",
    "no_consent": "Without your consent the address cannot be used: tick the box.",
    "no_store": "Choose where you want to buy.",
    "try_again": "Please send it once more. Your browser has to allow cookies of this page.",
    "asked_title": "Look into your mailbox",
    "asked": "A letter to {email} is on its way. Open the link in it to confirm that the address "
    "is yours. If nothing comes within some minutes, look into the folder for spam.",
    "confirm_title": "One more click",
    "confirm": "Confirm that {email} is your address, and get your code for {merchant}.",
    "confirm_button": "Confirm",
    "code_title": "Your code",
    "code": "Enter it at the checkout of {store}. It is worth {worth} and works once.",
    "until": "It holds until {day}.",
    "mailed": "It comes by e-mail, too.",
    "preparing_title": "Your code is being made",
    "preparing": "This takes a moment; the page looks again by itself. The code comes by e-mail, "
    "too, so you need not wait.",
    "used_title": "Thank you for your purchase",
    "used": "Your code was used.",
    "over_title": "The code has ended",
    "over": "It was not used in time.",
    "known_title": "Welcome back",
    "known": "{merchant} knows you already, and we are glad about it. This offer is for people "
    "who buy there for the first time, so there is no code this time.",
    "ended_title": "This link has ended",
    "ended": "Follow the recommendation once more and give your address again.",
    "nowhere_title": "This link leads nowhere",
    "nowhere": "It may be mistyped, or the offer may be over. Ask who gave it to you.",
    "often_title": "That was very often",
    "often": "Please wait some minutes and try again.",
    "later_title": "That did not work",
    "later": "It cannot be done right now. Please try again later; nothing is lost.",
}

GERMAN = {
    "invite_title": "Eine Empfehlung für Sie",
    "invite": "Jemand, der bei {merchant} einkauft, empfiehlt es Ihnen. Beim ersten Einkauf "
    "bekommen Sie {worth}.",
    "basket": "Ab einem Warenkorb von {amount}.",
    "email": "Ihre E-Mail-Adresse",
    "store": "Wo Sie einkaufen möchten",
    "consent": "{merchant} darf diese Adresse speichern und mir schreiben, um zu prüfen, dass sie "
    "mir gehört, und um mir den Code zu schicken. Bestätige ich sie nicht, wird sie nach 14 Tagen "
    "gelöscht.",
    "send": "Link zuschicken",
    "new_only": "Für alle, die noch nicht bei {merchant} eingekauft haben.",
    "bad_email": "Das ist keine E-Mail-Adresse: Schreiben Sie sie wie name@example.com.",
    "no_consent": "Ohne Ihre Zustimmung geht es nicht: Bitte setzen Sie das Häkchen.",
    "no_store": "Bitte wählen Sie, wo Sie einkaufen möchten.",
    "try_again": "Bitte schicken Sie es noch einmal ab. Ihr Browser muss Cookies dieser Seite "
    "zulassen.",
    "asked_title": "Schauen Sie in Ihr Postfach",
    "asked": "Eine Nachricht an {email} ist unterwegs. Öffnen Sie den Link darin, um zu "
    "bestätigen, dass die Adresse Ihnen gehört. Kommt in den nächsten Minuten nichts an, schauen "
    "Sie bitte in den Spam-Ordner.",
    "confirm_title": "Noch ein Klick",
    "confirm": "Bestätigen Sie, dass {email} Ihre Adresse ist, und Sie bekommen Ihren Code für "
    "{merchant}.",
    "confirm_button": "Bestätigen",
    "code_title": "Ihr Code",
    "code": "Geben Sie ihn an der Kasse von {store} ein. Er bringt {worth} und gilt einmal.",
    "until": "Er gilt bis {day}.",
    "mailed": "Sie bekommen ihn auch per E-Mail.",
    "preparing_title": "Ihr Code wird angelegt",
    "preparing": "Das dauert einen Moment; die Seite schaut von selbst wieder nach. Der Code kommt "
    "auch per E-Mail, Sie brauchen also nicht zu warten.",
    "used_title": "Danke für Ihren Einkauf",
    "used": "Ihr Code wurde eingelöst.",
    "over_title": "Der Code ist abgelaufen",
    "over": "Er wurde nicht rechtzeitig eingelöst.",
    "known_title": "Schön, dass Sie wieder da sind",
    "known": "{merchant} kennt Sie schon, und wir freuen uns darüber. Dieses Angebot ist für alle, "
    "die dort zum ersten Mal einkaufen; darum gibt es diesmal keinen Code.",
    "ended_title": "Dieser Link ist abgelaufen",
    "ended": "Folgen Sie der Empfehlung noch einmal, und geben Sie Ihre Adresse neu ein.",
    "nowhere_title": "Dieser Link führt nirgendwohin",
    "nowhere": "Vielleicht ist er falsch geschrieben, oder das Angebot ist vorbei. Fragen Sie, wer "
    "ihn Ihnen gegeben hat.",
    "often_title": "Das war sehr oft",
    "often": "Bitte warten Sie einige Minuten, und versuchen Sie es noch einmal.",
    "later_title": "Das hat nicht geklappt",
    "later": "Es geht gerade nicht. Bitte versuchen Sie es später noch einmal; es geht nichts "
    "verloren.",
}

TEXTS = {"en": ENGLISH, "de": GERMAN}
