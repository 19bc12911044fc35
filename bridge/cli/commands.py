"""The commands of ``loyalty-bridge``, in the order of their use: where each is, and what the list
of commands says of it. A command is imported when it is called; a test compares the sentences
with the commands' own."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("bridge.cli.init:init", "Make the database, the encryption key and the workspace."),
    "store": ("bridge.cli.store:store", "Connect shops, look after them, let go of them."),
    "program": (
        "bridge.cli.program:program",
        "Load, look at and check the programme: groups and price lists.",
    ),
    "templates": (
        "bridge.cli.templates:templates",
        "Save a programme as a template, and apply it to another workspace.",
    ),
    "pull": (
        "bridge.cli.pull:pull",
        "Read groups, products, tier prices, the bridge's promotions and customers of the "
        "STOREs, or of all.",
    ),
    "plan": ("bridge.cli.plan:plan", "Show what `apply` would change in the STOREs, or in all."),
    "apply": (
        "bridge.cli.apply:apply",
        "Send the plan to the STOREs, or to all, as a run that `undo` can take back.",
    ),
    "resolve": ("bridge.cli.plan:resolve", "Decide conflicts that `plan` shows."),
    "runs": ("bridge.cli.runs:runs", "List runs, newest first, with what became of their changes."),
    "undo": (
        "bridge.cli.apply:undo",
        "Put back what RUN replaced (`runs` lists them), as a run of its own.",
    ),
    "deliveries": (
        "bridge.cli.runs:deliveries",
        "List single changes: those that wait, are in conflict or were refused, and why.",
    ),
    "work": (
        "bridge.cli.work:work",
        "Read every store, handle what came in, let time pass, deliver what is due; then end.",
    ),
    "run": (
        "bridge.cli.run:run",
        "Work until stopped: read the stores, take their webhooks, keep the book, deliver.",
    ),
    "inbox": (
        "bridge.cli.inbox:inbox",
        "List orders, customers and activities that came in and are not handled yet.",
    ),
    "reconcile": (
        "bridge.cli.reconcile:reconcile",
        "Compare the books with themselves and with the shops, and tell each difference.",
    ),
    "points": (
        "bridge.cli.points:points",
        "Look at points, and at why they are there; give, take, import and export them.",
    ),
    "redeem": (
        "bridge.cli.redeem:redeem",
        "Turn POINTS of the member EMAIL into a voucher for one store, and print its code.",
    ),
    "vouchers": (
        "bridge.cli.vouchers:vouchers",
        "Look at vouchers, take them back, exchange them, and see to those a shop refused.",
    ),
    "referral": (
        "bridge.cli.referral:referral",
        "Give members and partners their codes, and see what they brought.",
    ),
    "referrals": (
        "bridge.cli.referrals:referrals",
        "Look at who was brought, and decide what is odd.",
    ),
    "letters": (
        "bridge.cli.letters:letters",
        "Write to members: welcome, points, tiers, vouchers, thanks.",
    ),
    "surveys": ("bridge.cli.surveys:surveys", "Ask members: what is asked, what they answered."),
    "terms": (
        "bridge.cli.terms:terms",
        "Tell members what the programme does, and show it in the shops.",
    ),
    "gifts": ("bridge.cli.gifts:gifts", "Look at gifts: free products from an order value on."),
    "campaigns": (
        "bridge.cli.campaigns:campaigns",
        "Look at campaigns and what orders bring for the next purchase; give a campaign now.",
    ),
    "rewards": (
        "bridge.cli.rewards:rewards",
        "Look at the reward catalogue, take rewards for members, and provide them.",
    ),
    "simulate": (
        "bridge.cli.simulate:simulate_",
        "Tell what a basket costs and earns in each store, and why.",
    ),
    "activities": (
        "bridge.cli.activities:activities_",
        "Report what members did beside buying, and look at it.",
    ),
    "rules": ("bridge.cli.rules:rules", "Look at what earning rules do."),
    "members": (
        "bridge.cli.members:members",
        "Look at members and their companies, and decide who is who.",
    ),
    "privacy": (
        "bridge.cli.privacy:privacy",
        "Tell a member all that is known of him, erase him, and say what is forgotten by itself.",
    ),
    "segments": (
        "bridge.cli.segments:segments",
        "Compute the programme's segments and show how many members are in each.",
    ),
    "tiers": ("bridge.cli.tiers:tiers", "Look at loyalty tiers, and give them by hand."),
    "figures": (
        "bridge.cli.figures:figures",
        "Show how the programme does: shops, points, members, referrals, what is owed in points.",
    ),
    "fleet": (
        "bridge.cli.fleet:fleet_",
        "Show every workspace of this database: what needs attention comes first.",
    ),
    "users": ("bridge.cli.users:users", "Say who may sign in to the web app."),
    "tokens": (
        "bridge.cli.tokens:tokens",
        "Make and revoke the tokens by which programs use the API below `/api/v1`.",
    ),
    "webhooks": (
        "bridge.cli.webhooks:webhooks",
        "Show where each shop sends to, and how many of its messages were taken or refused.",
    ),
    "subscribers": (
        "bridge.cli.subscribers:subscribers",
        "Tell other systems when points, tiers and vouchers change, by signed webhooks.",
    ),
    "plugin": (
        "bridge.cli.plugin:plugin",
        "Look after the bridge's plugins in the shops: Shopware's app, Magento's module.",
    ),
    "shopware-app": (
        "bridge.cli.shopware_app:shopware_app",
        "Put the bridge's app into a Shopware shop.",
    ),
    "magento-module": (
        "bridge.cli.magento_module:magento_module",
        "Put the bridge's module into Magento shops.",
    ),
    "backup": (
        "bridge.cli.backup:backup",
        "Copy the whole database into a file while everything runs, and look into such a file.",
    ),
    "keys": ("bridge.cli.keys:keys", "Look after the keys that encrypt stored credentials."),
    "sandbox": (
        "bridge.cli.sandbox:sandbox",
        "Run a small shop that answers like a real one, until Ctrl-C.",
    ),
    "demo": (
        "bridge.cli.demo:demo",
        "Show the main job on two sandbox shops: prices; points and tiers; rewards; plugins.",
    ),
}
