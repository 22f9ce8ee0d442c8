//! The recorded conversations of `tests/transcripts`, the same that the worker's own tests replay: each answer is read
//! through the types of `methods` and must come out as it went in, and the client must get it from a worker that says
//! exactly what was recorded.
#![cfg(unix)] // the recorded worker speaks over a socket pair

mod support;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::Value;
use workshop::methods::{BasicInspection, DeepInspection, Devices, Envelope, Health, Logs, Policy, Report};
use workshop::py_client::{ClientError, PyWorkerClient};
use workshop::wire::RpcFailure;
use workshop::worker_process::Death;

/// One request and what was said to it.
struct Exchange {
    method: String,
    params: Option<Value>,
    answer: Value,
}

fn messages(line: &str) -> Vec<Value> {
    match serde_json::from_str(line) {
        Ok(Value::Array(batch)) => batch,
        Ok(message) => vec![message],
        Err(_) => Vec::new(), // recorded mistakes are answered with the id null, which no client sends
    }
}

fn exchanges() -> Vec<Exchange> {
    let folder = support::repository().join("tests/transcripts");
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let mut asked = HashMap::new();
        for entry in std::fs::read_to_string(&file).unwrap().lines() {
            let entry: Value = serde_json::from_str(entry).unwrap();
            for message in messages(entry["line"].as_str().unwrap()) {
                // A notification is answered by nobody; the id null is that of mistakes.
                if message["id"].is_null() {
                    continue;
                }
                let key = message["id"].to_string();
                if entry["dir"] == "in" {
                    if let Some(method) = message["method"].as_str() {
                        asked.insert(key, (method.to_owned(), message.get("params").cloned()));
                    }
                } else if let Some((method, params)) = asked.remove(&key) {
                    found.push(Exchange { method, params, answer: message });
                }
            }
        }
    }
    assert!(found.len() >= 10, "only {} exchanges are recorded", found.len());
    found
}

fn through<T: DeserializeOwned + Serialize>(result: &Value) -> Value {
    let typed: T = serde_json::from_value(result.clone()).unwrap_or_else(|error| panic!("{error}: {result}"));
    serde_json::to_value(typed).unwrap()
}

/// Through the type that the client gives for this method.
fn typed(method: &str, result: &Value) -> Value {
    match method {
        "health" => through::<Health>(result),
        "devices.list" => through::<Envelope<Devices>>(result),
        "inspect.basic" => through::<Envelope<BasicInspection>>(result),
        "inspect.deep" => through::<Envelope<DeepInspection>>(result),
        "logs.collect" => through::<Envelope<Logs>>(result),
        "report.format" => through::<Envelope<Report>>(result),
        "policy.get" => through::<Policy>(result),
        "shutdown" => through::<()>(result),
        "rpc.discover" => result.clone(),
        other => panic!("a method without a type: {other}"),
    }
}

#[test]
fn every_recorded_answer_goes_through_its_type_unchanged() {
    for Exchange { method, answer, .. } in exchanges() {
        if let Some(result) = answer.get("result") {
            assert_eq!(&typed(&method, result), result, "{method}");
        } else {
            assert_eq!(through::<RpcFailure>(&answer["error"]), answer["error"], "{method}");
        }
    }
}

#[test]
fn the_client_gets_from_a_recorded_worker_what_was_recorded() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let client = PyWorkerClient::over(ours.try_clone().unwrap(), ours.try_clone().unwrap(), Death::default).unwrap();
    std::thread::spawn(move || {
        let recorded = exchanges();
        let mut out = theirs.try_clone().unwrap();
        for line in BufReader::new(theirs).lines().map_while(Result::ok) {
            let request: Value = serde_json::from_str(&line).unwrap();
            let same = |exchange: &&Exchange| {
                request["method"] == exchange.method.as_str() && request.get("params") == exchange.params.as_ref()
            };
            let mut answer = recorded.iter().find(same).unwrap().answer.clone();
            answer["id"] = request["id"].clone();
            writeln!(out, "{answer}").unwrap();
        }
    });
    for Exchange { method, params, answer } in exchanges() {
        // Methods and parameters repeat in the recordings; the recorded worker answers with the first of them.
        let outcome =
            client.call::<Value, _>(Box::leak(method.clone().into_boxed_str()), params, Duration::from_secs(5));
        match outcome {
            Ok(result) => assert_eq!(typed(&method, &result).is_null(), answer["result"].is_null(), "{method}"),
            Err(ClientError::Rpc(failure)) => {
                assert_eq!(failure.code, answer["error"]["code"].as_i64().unwrap(), "{method}");
                assert_eq!(failure.data.kind, answer["error"]["data"]["kind"].as_str().unwrap(), "{method}");
            }
            other => panic!("{method}: {other:?}"),
        }
    }
    ours.shutdown(std::net::Shutdown::Both).unwrap();
}
