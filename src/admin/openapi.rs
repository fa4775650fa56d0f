//! The description of the API (`OpenAPI` 3.1), as it is checked in.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};

const TEXT: &str = include_str!("openapi.json");

/// Answers with the description.
pub(super) async fn openapi() -> Response {
    let mut response = Response::new(Body::from(TEXT));
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::super::fault::FAULTS;
    use super::super::key_json::AdminKey;
    use super::TEXT;
    use crate::wire::{KeyRequest, Secret};

    fn document() -> Value {
        serde_json::from_str(TEXT).unwrap()
    }

    fn members(value: &Value) -> BTreeSet<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    /// What a reference stands for.
    fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(target) => document.pointer(target.strip_prefix('#').unwrap()).unwrap(),
            None => value,
        }
    }

    /// Every `$ref` in a part of the document.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(array) => array.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_refusal_is_in_it_with_its_status_and_no_other() {
        let document = document();
        let mut described = BTreeSet::new();
        for item in document["paths"].as_object().unwrap().values() {
            for (method, operation) in item.as_object().unwrap() {
                if method == "parameters" {
                    continue;
                }
                let responses = operation["responses"].as_object().unwrap();
                let refusals = responses.iter().filter(|(status, _)| status.as_str() >= "400");
                for (status, response) in refusals {
                    let response = resolved(&document, response);
                    let schema = &response["content"]["application/json"]["schema"];
                    let codes = schema.pointer("/allOf/1/properties/error/properties/code/enum");
                    for code in codes.unwrap().as_array().unwrap() {
                        described.insert((status.parse().unwrap(), code.as_str().unwrap()));
                    }
                    let waits = response["headers"].get("Retry-After").is_some();
                    assert_eq!(waits, matches!(&**status, "429" | "503"), "{method} {status}");
                }
            }
        }
        let known: BTreeSet<(u16, &str)> =
            FAULTS.iter().map(|row| (row.status, row.code)).collect();
        assert_eq!(described, known);
        let codes = "/components/schemas/Error/properties/error/properties/code/enum";
        let codes = document.pointer(codes).unwrap().as_array().unwrap();
        let codes: Vec<&str> = codes.iter().map(|code| code.as_str().unwrap()).collect();
        assert_eq!(codes, FAULTS.map(|row| row.code));
    }

    #[test]
    fn every_field_of_a_request_is_in_it_and_no_other() {
        let refused = serde_json::from_str::<KeyRequest>(r#"{"?": 1}"#).unwrap_err().to_string();
        // unknown field `?`, expected one of `a`, `b` at line 1 column 4
        let (_, expected) = refused.split_once("expected one of ").unwrap();
        let known: BTreeSet<&str> = expected.split('`').skip(1).step_by(2).collect();
        let document = document();
        let schema = &document["components"]["schemas"]["KeyRequest"];
        assert_eq!(members(&schema["properties"]), known);
        assert_eq!(schema["additionalProperties"], false);
        // Whatever says that it may be null may be.
        for (name, field) in schema["properties"].as_object().unwrap() {
            let null = serde_json::json!({ name: null });
            let taken = serde_json::from_value::<KeyRequest>(null).is_ok();
            let kinds = field.get("type").or_else(|| field.get("enum")).unwrap();
            let kinds = kinds.as_array().map(Vec::as_slice).unwrap_or_default();
            let said = kinds.iter().any(|kind| kind.is_null() || kind == "null");
            assert_eq!(taken, said, "{name}");
        }
    }

    #[test]
    fn every_field_of_a_key_is_in_it_and_no_other() {
        let document = document();
        let schema = &document["components"]["schemas"]["Key"];
        let shown = serde_json::to_value(AdminKey::default()).unwrap();
        let required = schema["required"].as_array().unwrap();
        let required: BTreeSet<&str> = required.iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(members(&shown), required);
        let fresh =
            AdminKey { scoped_key: Some(Secret(String::new().into())), ..AdminKey::default() };
        let fresh = serde_json::to_value(fresh).unwrap();
        assert_eq!(members(&fresh), members(&schema["properties"]));
        // What is null where nothing is known may be.
        for (name, _) in shown.as_object().unwrap().iter().filter(|(_, value)| value.is_null()) {
            let field = &schema["properties"][name];
            let kinds = field.get("type").or_else(|| field.get("enum")).unwrap();
            let nullable = kinds.as_array().unwrap();
            assert!(nullable.iter().any(|kind| kind.is_null() || kind == "null"), "{name}");
        }
    }

    #[test]
    fn every_reference_has_its_target_and_every_component_its_use() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        for target in &found {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{target}");
        }
        for kind in ["schemas", "responses"] {
            for name in members(&document["components"][kind]) {
                let target = format!("#/components/{kind}/{name}");
                assert!(found.contains(&target), "{target}");
            }
        }
    }

    #[test]
    fn it_is_pretty() {
        assert!(TEXT.starts_with("{\n  \"openapi\": \"3.1.0\",\n") && TEXT.ends_with("}\n"));
        assert!(TEXT.lines().all(|line| !line.contains('\t') && line == line.trim_end()));
    }
}
