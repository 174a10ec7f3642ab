import streamlit as st
from pydantic import ValidationError

from pages.records.parts import settings_errors, settings_forms
from pages.shared import counts, empty, filters, loaders, viewer, wording
from store.lake import store_path
from store.settings import ShopSettings
from store.shop_settings import save_settings

_ = wording.words()
names = loaders.shop_names()
if not names:
    empty.stop(
        _("Settings belong to a shop, and a shop begins with its first upload."),
        title=_("No shop yet"),
    )
shop = filters.shop()
settings = loaders.settings(shop)
settings_forms.forget(shop)
st.caption(_("Saved with {shop}; every number is counted anew at once.").format(shop=shop))

parts = {
    "rules": _("Counting rules"),
    "targets": _("Targets"),
    "hours": _("Working hours"),
    "agents": _("Agents"),
    "reasons": _("Refund reasons"),
    "industry": _("Industry"),
    "campaigns": _("Campaigns"),
    "privacy": _("Privacy"),
}
part = st.segmented_control(
    _("Part"),
    list(parts),
    default="rules",
    format_func=parts.__getitem__,
    required=True,
    key="settings_part",
    label_visibility="collapsed",
    persist_state="session",
)
match part:
    case "targets":
        changes = settings_forms.targets(settings)
    case "hours":
        changes = settings_forms.working_hours(settings)
    case "agents":
        changes = settings_forms.agents(
            settings, loaders.agent_accounts(shop), loaders.undecided_speakers(shop)
        )
    case "reasons":
        changes = settings_forms.refund_reasons(
            settings, loaders.counted(counts.reasons_named, shop)
        )
    case "industry":
        changes = settings_forms.industry(settings)
    case "campaigns":
        changes = settings_forms.campaigns(settings)
    case "privacy":
        changes = settings_forms.privacy(settings)
    case _:
        changes = settings_forms.rules(settings)

if part == "rules":
    settings_forms.read_elsewhere(shop, changes["time_zone"] if changes else settings.time_zone)
if changes is not None:
    try:
        wanted = ShopSettings.model_validate({**settings.model_dump(), **changes})
    except ValidationError as error:
        for sentence in settings_errors.sentences(error):
            st.error(sentence, icon=":material/error:")
    else:
        save_settings(store_path(), shop, wanted, viewer.name())
        st.success(_("Saved."), icon=":material/check:")
