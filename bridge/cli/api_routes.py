"""Which operation of the API does what a command does, or why none does. A test compares it with
the commands and the operations there are."""

from __future__ import annotations

ROUTES: dict[str, tuple[str, ...]] = {
    "store list": ("list_stores",),
    "program dump": ("get_programme", "get_version"),
    "program versions": ("list_versions",),
    "plan": ("get_plan",),
    "runs": ("list_runs", "get_run"),
    "deliveries": ("list_deliveries", "list_dead_letters"),
    "deliveries retry": ("retry_dead_letters",),
    "inbox": ("list_inbox",),
    "inbox retry": ("retry_inbox",),
    "points show": ("get_points",),
    "points history": ("list_entries",),
    "points explain": ("explain_entry",),
    "points adjust": ("adjust_points",),
    "redeem": ("redeem",),
    "vouchers list": ("list_vouchers", "get_voucher"),
    "vouchers withdraw": ("withdraw_voucher",),
    "vouchers exchange": ("exchange_voucher",),
    "vouchers retry": ("retry_dead_letters",),
    "referral code": ("make_referral_code", "get_referring"),
    "referral stats": ("get_referring",),
    "referrals list": ("list_referrals",),
    "campaigns list": ("list_campaigns",),
    "rewards list": ("list_rewards",),
    "rewards queue": ("list_claims",),
    "rewards claim": ("take_reward",),
    "rewards fulfil": ("provide_reward",),
    "rewards cancel": ("cancel_reward",),
    "activities record": ("report_activity",),
    "members list": ("list_members",),
    "members show": ("get_member",),
    "members join": ("join_programme",),
    "members leave": ("leave_programme",),
    "privacy export": ("get_known",),
    "privacy erase": ("erase_member",),
    "privacy requests": ("list_erasures",),
    "privacy consents": ("list_consents",),
    "segments": ("get_member_figures",),
    "tiers list": ("list_tiers",),
    "subscribers list": ("list_subscribers",),
    "subscribers show": ("list_subscribers",),
    "subscribers messages": ("list_messages",),
    "subscribers resend": ("resend_messages",),
    "figures overview": ("get_overview",),
    "figures points": ("get_points_over_time",),
    "figures members": ("get_member_figures",),
    "figures liability": ("get_liability",),
    "figures recommendations": ("get_recommendations",),
    "surveys list": ("list_surveys",),
    "surveys show": ("get_survey",),
    "surveys answers": ("list_survey_answers",),
}
"""By command, without the program's name: names of operations."""

_MACHINE = "Belongs to the machine that the bridge is installed on."
_CREDENTIALS = "Takes a shop's credentials: by command or on the page Stores, never from a program."
_SENDS = "Changes prices in shops: a person looks at the plan first, and approves it there."
_DECISION = (
    "A person decides, with both sides before his eyes: by command or on the page Questions."
)
_IDENTITY = "Says who is who, for good: by command or on the page of the member."
_TOKENS = "A token must not make others, nor let people in."
_FILE = "Reads or writes a file of the machine, as long as it may be."
_FOR_GOOD = "Gives up the proof that nobody used a code: a person answers for it."
_PROGRAMME = (
    "The programme is changed by its file, or in the web app with a preview of what it does."
)
_TEMPLATES = (
    "Goes from one client to another, where a token opens one alone: by command or in the web app."
)
_LETTERS = "Letters are the staff's: by command or in the web app."
_ASKING = "A person decides when members are asked: by command or on the page Surveys."
_COMPANY = "Moves points between a company and its people: by command."
_REFUNDS = "The amount stands on paper that a person reads: by command."
_TERMS = "Members read the terms on their pages and in the shops: by command or in the web app."
_LOOKING = "For whoever looks after promotions in the shops: by command."
_TELLS = "Decides who is told of members, and shows a secret: by command or on the page Webhooks."

WITHOUT: dict[str, str] = {
    "init": _MACHINE,
    "store add": _CREDENTIALS,
    "store check": "Asks the shop while one waits: by command or on the page Stores.",
    "store set": _CREDENTIALS,
    "store link-secret": _CREDENTIALS,
    "store remove": "Forgets a shop: by command or on the page Stores.",
    "program load": _PROGRAMME,
    "program validate": _PROGRAMME,
    "templates save": _TEMPLATES,
    "templates list": _TEMPLATES,
    "templates show": _TEMPLATES,
    "templates apply": _TEMPLATES,
    "templates remove": _TEMPLATES,
    "pull": "Reads shops for minutes: `run` does it by itself.",
    "apply": _SENDS,
    "resolve": _SENDS,
    "undo": _SENDS,
    "work": _MACHINE,
    "run": _MACHINE,
    "reconcile": "Asks every shop, for minutes: a person reads what it finds.",
    "inbox drop": "Takes points from somebody whom a shop's flow promised them: a person decides.",
    "points frozen": _REFUNDS,
    "points refunded": _REFUNDS,
    "points import": _FILE,
    "points export": _FILE,
    "vouchers pools": _LOOKING,
    "vouchers let-go": _FOR_GOOD,
    "referrals review": _DECISION,
    "letters list": _LETTERS,
    "letters show": _LETTERS,
    "letters retry": _LETTERS,
    "letters test": _LETTERS,
    "letters settings": _LETTERS,
    "surveys open": _ASKING,
    "surveys close": _ASKING,
    "surveys export": _FILE,
    "terms show": _TERMS,
    "terms list": _TERMS,
    "terms publish": _TERMS,
    "terms settings": _TERMS,
    "gifts status": _LOOKING,
    "campaigns run": "Gives to everybody at once: `run` does it when it is due, or a person now.",
    "simulate": "By command or in the web app: its answer is made for people.",
    "activities list": "What activities brought is in the book: `GET /members/{member}/entries`.",
    "rules effect": "Goes through orders of months: a person judges what it says.",
    "members company list": _COMPANY,
    "members company make": _COMPANY,
    "members company add": _COMPANY,
    "members company remove": _COMPANY,
    "members company hold": _COMPANY,
    "members company release": _COMPANY,
    "members link": _IDENTITY,
    "members merge": _IDENTITY,
    "members split": _IDENTITY,
    "members questions": _DECISION,
    "members answer": _DECISION,
    "privacy retention": "Says what is forgotten for good: by command or in the web app.",
    "tiers preview": "Goes through every member: by command.",
    "tiers give": "A tier against the rules is a person's decision: by command.",
    "tiers by-rules": "A tier against the rules is a person's decision: by command.",
    "users list": _TOKENS,
    "users invite": _TOKENS,
    "users link": _TOKENS,
    "users role": _TOKENS,
    "users remove": _TOKENS,
    "users disable": _TOKENS,
    "users enable": _TOKENS,
    "tokens make": _TOKENS,
    "tokens list": _TOKENS,
    "tokens revoke": _TOKENS,
    "fleet": "A token opens one workspace alone: each one is told by `GET /figures/overview`.",
    "webhooks": "What comes in is told with each store's health, by `GET /stores`.",
    "webhooks secret": _CREDENTIALS,
    "subscribers add": _TELLS,
    "subscribers test": _TELLS,
    "subscribers rotate": _TELLS,
    "subscribers enable": _TELLS,
    "subscribers disable": _TELLS,
    "subscribers remove": _TELLS,
    "plugin show": "What is installed in a shop: by command or on the store's page.",
    "plugin administration": _TOKENS,
    "plugin tell": _CREDENTIALS,
    "plugin forget": _CREDENTIALS,
    "shopware-app build": _FILE,
    "shopware-app release": _CREDENTIALS,
    "magento-module build": _FILE,
    "backup make": _FILE,
    "backup check": _FILE,
    "keys new": _MACHINE,
    "keys rotate": _MACHINE,
    "sandbox": _MACHINE,
    "demo": _MACHINE,
}
"""By command: why there is no operation."""
