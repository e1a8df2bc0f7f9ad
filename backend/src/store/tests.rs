//! The store, in memory and in a folder.

use super::*;
use vapwright_engine::wire::{BundleManifest, LabelModel, SourceFile};

fn bundle(version: &str, content: &str) -> Bundle {
    Bundle {
        manifest: BundleManifest {
            name: "pod-security".to_owned(),
            version: version.to_owned(),
            digest: format!("sha256:{content}"),
            description: format!("version {version}"),
            labels: LabelModel::default(),
            kubernetes: "1.30".to_owned(),
            installs: Vec::new(),
            policies: Vec::new(),
        },
        files: vec![SourceFile {
            name: "install.yaml".to_owned(),
            text: content.to_owned(),
        }],
    }
}

async fn check_store(store: &Store) {
    assert!(store.bundles().await.unwrap().bundles.is_empty());
    assert!(store.bundle("pod-security").await.unwrap().is_none());
    let publish = async |version: &str, content: &str| {
        store.publish(&bundle(version, content)).await.unwrap()
    };
    assert_eq!(publish("1.9.0", "a").await, Published::Created);
    assert_eq!(publish("1.10.0", "b").await, Published::Created);
    assert_eq!(publish("2.0.0-rc.1", "c").await, Published::Created);
    assert_eq!(publish("1.9.0", "a").await, Published::Unchanged);
    assert_eq!(publish("1.9.0", "other").await, Published::Conflict);

    let there = store.version("pod-security", "1.9.0").await.unwrap();
    assert_eq!(
        there,
        Some(bundle("1.9.0", "a")),
        "a conflict changes nothing"
    );
    assert_eq!(store.version("pod-security", "9.9.9").await.unwrap(), None);

    let list = store.bundles().await.unwrap();
    let summary = list.bundles.first().unwrap();
    assert_eq!(list.bundles.len(), 1);
    assert_eq!(summary.latest, "1.10.0");
    assert_eq!(summary.description, "version 1.10.0");
    let versions: Vec<_> = summary
        .versions
        .iter()
        .map(|v| v.version.as_str())
        .collect();
    assert_eq!(versions, ["2.0.0-rc.1", "1.10.0", "1.9.0"]);

    let example = SharedExample {
        title: "GeoIP".to_owned(),
        ..SharedExample::default()
    };
    let id = store.put_example(&example).await.unwrap();
    assert_eq!(store.put_example(&example).await.unwrap(), id);
    assert_eq!(store.example(&id).await.unwrap(), Some(example));
    assert_eq!(store.example(&"0".repeat(ID_LENGTH)).await.unwrap(), None);
    store.check().await.unwrap();
}

#[tokio::test]
async fn keeps_in_memory() {
    check_store(&Store::in_memory()).await;
}

#[tokio::test]
async fn keeps_in_a_folder_that_another_program_can_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("store");
    let path = path.to_str().unwrap();
    check_store(&Store::open(path).unwrap()).await;
    let again = Store::open(&format!("file://{path}")).unwrap();
    assert_eq!(again.bundles().await.unwrap().bundles.len(), 1);
}

#[tokio::test]
async fn names_cannot_leave_the_store() {
    let store = Store::in_memory();
    for name in [
        "",
        "..",
        "a/b",
        "../x",
        "A",
        "-a",
        "a-",
        "a.b",
        &"a".repeat(64),
    ] {
        assert!(store.version(name, "1.0.0").await.is_err(), "{name}");
        assert!(store.bundle(name).await.is_err(), "{name}");
    }
    for version in ["", "1", "1.0", "../1.0.0", "1.0.0/x", "v1.0.0"] {
        assert!(store.version("a", version).await.is_err(), "{version}");
    }
    for id in ["", "..", "../../x", "0"] {
        assert_eq!(store.example(id).await.unwrap(), None, "{id}");
    }
}

#[tokio::test]
async fn of_many_that_publish_at_once_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    let outcomes = futures::future::join_all((0..16).map(|number| {
        let store = store.clone();
        async move { store.publish(&bundle("1.0.0", &number.to_string())).await }
    }))
    .await;
    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    let created = outcomes.iter().filter(|o| **o == Published::Created);
    assert_eq!(created.count(), 1);
    assert!(!outcomes.contains(&Published::Unchanged));
}

#[test]
#[cfg(not(feature = "s3"))]
fn a_store_that_is_not_built_in_is_named() {
    let error = Store::open("s3://bucket/prefix").unwrap_err().to_string();
    assert!(error.contains("--features s3"), "{error}");
}

#[test]
fn a_client_is_set_up_by_its_own_variables() {
    let given = [
        ("AWS_REGION", "r"),
        ("Azure_Storage_Account_Name", "a"),
        ("GOOGLE_SERVICE_ACCOUNT", "g"),
        ("IDENTITY_ENDPOINT", "i"),
        ("CONTAINER_NAME", "of the container that runs this"),
        ("TOKEN", "of something else"),
        ("AWSOME", "no"),
    ];
    let set: Vec<_> = settings(given.map(|(key, value)| (key.into(), value.into()))).collect();
    let set: Vec<_> = set.iter().map(|(key, value)| (&**key, &**value)).collect();
    assert_eq!(
        set,
        [
            ("aws_region", "r"),
            ("azure_storage_account_name", "a"),
            ("google_service_account", "g"),
            ("identity_endpoint", "i"),
        ]
    );
}
