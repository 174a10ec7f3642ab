import streamlit as st

from pages.records.parts import (
    agents_question,
    left_out,
    own_layouts,
    staging,
    upload_history,
    upload_preview,
)
from pages.shared import filters, wording
from store.errors import StoreError

_ = wording.words()
if sentence := st.session_state.pop("uploads_said", None):
    st.success(sentence, icon=":material/check:")
if sentence := st.session_state.pop("uploads_failed", None):
    st.error(sentence, icon=":material/error:")

shop = upload_preview.shop_field()
upload_preview.take_files(shop)
if staging.files():
    st.subheader(_("Before anything is written"))
    upload_preview.show(shop)
    agents = agents_question.ask(staging.files())
    left_out.waiting_cells(staging.files())
    ready = sum(staged.plan.ready for staged in staging.files())
    with st.container(horizontal=True):
        accepted = st.button(
            _("Accept {n} files").format(n=ready),
            type="primary",
            icon=":material/check:",
            disabled=not ready,
            key="uploads_accept",
        )
        st.button(_("Discard"), on_click=staging.clear, key="uploads_discard")
    if accepted:
        try:
            shops = staging.accept(agents, told=st.progress(0.0).progress)
        except StoreError as error:
            st.error(wording.refusal(error), icon=":material/error:")
            st.stop()
        filters.choose_shop(shops[0])
        st.session_state["uploads_said"] = _("{n} files were added to {shops}.").format(
            n=ready, shops=_(", ").join(shops)
        )
        st.rerun()

if filters.shop():
    st.subheader(_("Which days are covered"))
    upload_history.coverage(filters.shop())
    st.subheader(_("Uploads so far"))
    upload_history.show(filters.shop())
st.subheader(_("Own kinds of files"))
own_layouts.show()
st.subheader(_("Templates"))
upload_history.templates()
