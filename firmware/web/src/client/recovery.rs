//! Questions about a box that comes back from a copy.

use super::{Answer, Api};
use axum::http::Method;
use preau_api::{CopyLooked, GoOn, GoOnAct, LookForCopy, Recover, RecoveryView};

impl Api<'_> {
    pub(crate) async fn recovery(&self) -> Answer<RecoveryView> {
        self.get("/v1/recovery").await
    }

    pub(crate) async fn look_for_copy(&self, wanted: &LookForCopy) -> Answer<CopyLooked> {
        let api = self.patient();
        api.ask(Method::POST, "/v1/recovery/look", wanted).await
    }

    pub(crate) async fn recover(&self, wanted: &Recover) -> Answer<()> {
        self.tell(Method::POST, "/v1/recovery", wanted).await
    }

    pub(crate) async fn go_on(&self, act: GoOnAct, confirmed: bool) -> Answer<()> {
        let body = GoOn { act, confirmed };
        self.tell(Method::POST, "/v1/recovery/go-on", &body).await
    }
}
