//! A stack that newleaf-deploy installed: Argo CD goes on with it, and newleaf-deploy again, and nothing restarts.

use std::process::Command;

use crate::application::Application;
use crate::argo::Argo;
use crate::ended::Ended;
use crate::kubectl::Namespace;
use crate::repository::Repository;
use crate::synced::{NAME, STACK};

#[test]
fn argo_cd_takes_an_installed_stack_over_and_gives_it_back_without_a_restart() {
    let Some(argo) = Argo::start() else { return };
    let (repository, namespace) = (Repository::new(&[]), Namespace::absent(NAME));
    let guide = repository.guide();
    repository.write(STACK);
    let mut install = Command::new(project::deployer());
    install.args(["install", "--quiet", "--filename", "stack.yaml"]).current_dir(repository.root());
    let installed = Ended::from(install.output().expect("it starts"));
    assert_eq!(installed.code, Some(0), "{installed:?}");

    let pods = || {
        let uids = "jsonpath={.items[*].metadata.uid}";
        let selector = "app.kubernetes.io/name in (backstage,postgres)";
        namespace.kubectl(&["get", "pods", "--selector", selector, "--output", uids])
    };
    let before = pods();
    assert_eq!(before.split(' ').count(), 2, "{before}");
    guide.run("Hand over");
    guide.run("Install");
    Application { argo: &argo, name: NAME }.until_good(&repository.revision());
    assert_eq!(pods(), before, "Argo CD goes on with the same pods");
    guide.run("Hand back");
    assert_eq!(pods(), before, "and newleaf-deploy, too");
}
