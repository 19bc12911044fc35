"""The story of a friend: a link, a letter, a first purchase, and thanks to who brought him."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from email.message import EmailMessage

from bridge.demo import rewarded, standings
from bridge.demo.book_part import BookPart
from bridge.demo.friend import Friend
from bridge.demo.mailbox import text_of
from bridge.demo.part import Step, StepFailed
from bridge.demo.sample import BROUGHT
from bridge.vouchers.models import Voucher
from bridge.web import create_app, serve

#: Until an order is judged; a store's clock seems at most some seconds behind.
_MOST_POLLS = 10


@dataclass
class FriendPart(BookPart):
    voucher: Voucher = field(init=False)

    def steps(self) -> list[Step]:
        return [
            Step(
                "A member brings a friend",
                "The page behind his link asks for an address; a letter shows that it is the "
                "friend's own. Who is known in any shop gets nothing.",
                self.bring,
            ),
            Step(
                "The friend buys, and both are rewarded",
                "Once the order is complete and its return period is over.",
                self.buy,
            ),
            Step(
                "Read everything again, and compare books and shops",
                "Shops repeat themselves: nothing is paid, charged or given a second time.",
                self.again,
            ),
        ]

    # -- the steps -----------------------------------------------------------------------------

    def bring(self) -> None:
        one = BROUGHT
        friend, known = Friend(one.friend), Friend(one.known)
        with self.open() as app, serve(create_app(app)) as web:
            self.stage.is_reached_at(web.url)
            self.run("referral", "code", one.referrer)
            with self.open() as told:
                link = rewarded.referral_link(told, one.referrer)
            answers = [
                person.accept(link, one.store).replace(person.email, "ADDRESS")
                for person in (friend, known)
            ]
            self.teller.say(f"the page: {answers[0]}")
            self.check("a known address is answered just the same", answers[0], answers[1])
            self.run("work", "--once")
            letters = {person.email: self._letter(person.email) for person in (friend, known)}
            friend.confirm(letters[friend.email])
            said = known.confirm(letters[known.email])
            self.check("who is a customer already gets no code", True, "knows you already" in said)
            self.run("work", "--once")
            shown = friend.look(letters[friend.email])
        with self.open() as app:
            found = rewarded.of_friend(app, one.friend)
            nothing = rewarded.of_friend(app, one.known)
        if found is None:
            raise StepFailed(f"vouchers of {one.friend}", "one", "none")
        self.voucher = found
        self.teller.say(f"the page: {shown}")
        self.check("the friend's page shows his code", True, found.code in shown)
        self.check("it is in his mailbox, too", True, found.code in self._text(one.friend))
        self.check_quietly("a code for who was known", None, nothing)

    def buy(self) -> None:
        one = BROUGHT
        sale = self.shopping.order(
            one.shop, one.friend, one.wanted, codes=[self.voucher.code], guest=True
        )
        self.teller.say(f"{one.friend} orders with the code: order {sale.number}")
        off = sum((line.discount_gross for line in sale.lines), Decimal(0))
        self.check(f"the friend pays {one.off} less", one.off, off)
        self.run("work", "--once")
        self.check_book("the order is not complete: nobody is thanked yet")
        self.shopping.pay_and_send(one.shop, sale)
        self._work_until_judged()
        self.shopping.beside[one.referrer] += one.points
        self.run("referral", "stats", one.referrer)
        self.check_book(f"{one.referrer} has {one.points} points for it")
        self._check_figures()
        self.check_quietly("a letter of thanks", True, str(one.points) in self._text(one.referrer))

    def _work_until_judged(self) -> None:
        """Whether an order was the friend's first is known once every store was read past it, by
        the store's clock: it tells whole seconds, and a slow answer makes it seem behind."""
        for _ in range(_MOST_POLLS):
            self.run("work", "--once")
            with self.open() as app:
                if rewarded.referral_figures(app, BROUGHT.referrer).rewards:
                    return
            time.sleep(1)

    def again(self) -> None:
        with self.open() as app:
            before = standings.entries(app), rewarded.vouchers(app)
            yesterday = (app.now() - timedelta(days=1)).date()
        letters = len(self.stage.mailbox.letters)
        self.run("work", "--once", "--since", yesterday.isoformat())
        with self.open() as app:
            after = standings.entries(app), rewarded.vouchers(app)
        self.check_quietly("entries and vouchers", before, after)
        self.check_quietly("letters", letters, len(self.stage.mailbox.letters))
        self._check_figures()
        self.check_book(
            f"the same {after[0]:,} entries, {len(after[1])} vouchers, {letters} letters"
        )
        self.run("reconcile")
        self.teller.passed("books and shops agree")

    # -- checking ------------------------------------------------------------------------------

    def _letter(self, address: str) -> EmailMessage:
        """The only one that came so far."""
        found = self.stage.mailbox.to(address)
        self.check_quietly(f"letters to {address}", 1, len(found))
        return found[0]

    def _text(self, address: str) -> str:
        """All letters to him."""
        return "\n".join(text_of(letter) for letter in self.stage.mailbox.to(address))

    def _check_figures(self) -> None:
        with self.open() as app:
            found = rewarded.referral_figures(app, BROUGHT.referrer)
        self.check_quietly(
            "clicks, sign-ups, first orders, rewards, points",
            (2, 1, 1, 1, BROUGHT.points),
            (found.clicks, found.sign_ups, found.first_orders, found.rewards, found.points),
        )
