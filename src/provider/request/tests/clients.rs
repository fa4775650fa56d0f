//! Bodies as well-known clients send them: each has a bound, and none is taken for more than it is.

use super::*;

/// Claude Code.
const CLAUDE_CODE: &str = r#"{"model":"claude-opus-4-6","max_tokens":32000,"stream":true,
 "messages":[{"role":"user","content":[
   {"type":"text","text":"<system-reminder>be brief</system-reminder>"},
   {"type":"text","text":"fix it","cache_control":{"type":"ephemeral","ttl":"1h"}}]},
  {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},
   {"type":"redacted_thinking","data":"eA=="},{"type":"text","text":"I look"},
   {"type":"tool_use","id":"toolu_1","name":"Read","caller":{"type":"direct"},
    "input":{"file_path":"/a","type":"novel","Type":1,"url":"x","file_id":"y"}}]},
  {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","is_error":false,
   "content":[{"type":"text","text":"fn main() {}"}]}]}],
 "system":[{"type":"text","text":"You are Claude Code","cache_control":{"type":"ephemeral"}}],
 "tools":[{"name":"Read","description":"reads","input_schema":{"type":"object",
   "properties":{"file_id":{"type":"string"},"Type":{"type":"string"}}},
   "cache_control":{"type":"ephemeral"},"eager_input_streaming":true}],
 "tool_choice":{"type":"auto"},"thinking":{"type":"adaptive"},"temperature":1,
 "metadata":{"user_id":"{\"device_id\":\"d\",\"session_id\":\"s\"}"},
 "context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"},
   {"type":"clear_tool_uses_20250919","trigger":{"type":"input_tokens","value":100000},
    "keep":{"type":"tool_uses","value":3}}]},
 "output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}}},
 "betas":["interleaved-thinking-2025-05-14"],"diagnostics":{"previous_message_id":null},
 "service_tier":"auto","inference_geo":"us","stop_sequences":["x"]}"#;

/// Codex.
const CODEX: &str = r#"{"model":"gpt-5","instructions":"You are Codex","input":[
  {"type":"message","role":"developer","content":[{"type":"input_text","text":"sandboxed"}]},
  {"type":"message","role":"user","content":[{"type":"input_text","text":"fix it"}]},
  {"type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"content":null,
   "encrypted_content":"gAAAA"},
  {"type":"message","role":"assistant","content":[{"type":"output_text","text":"ok"}],
   "phase":"commentary"},
  {"type":"function_call","name":"shell","arguments":"{\"url\":1}","call_id":"c1"},
  {"type":"function_call_output","call_id":"c1","output":"done"},
  {"type":"custom_tool_call","call_id":"c2","name":"apply_patch","input":"*** Begin"},
  {"type":"custom_tool_call_output","call_id":"c2","output":"ok"},
  {"type":"local_shell_call","call_id":"c3","status":"completed",
   "action":{"type":"exec","command":["ls"],"timeout_ms":1,"working_directory":"/",
    "env":{"MODE":"x","URL":"y"}}},
  {"type":"local_shell_call_output","id":"c3","output":"a"}],
 "tools":[{"type":"function","name":"shell","strict":false,"parameters":{"type":"object"}},
  {"type":"custom","name":"apply_patch","format":{"type":"grammar","syntax":"lark","definition":"x"}},
  {"type":"local_shell"}],
 "tool_choice":"auto","parallel_tool_calls":true,"reasoning":{"effort":"high","summary":"auto"},
 "store":false,"stream":true,"include":["reasoning.encrypted_content"],"service_tier":"default",
 "prompt_cache_key":"k","text":{"verbosity":"low","format":{"type":"json_schema","strict":true,
  "schema":{"type":"object","properties":{"file_id":{"type":"string"}}},"name":"out"}},
 "client_metadata":{"x-codex-installation-id":"i"},
 "multi_agent":{"enabled":false}}"#;

/// Gemini CLI.
const GEMINI_CLI: &str = r#"{"contents":[
  {"role":"user","parts":[{"text":"fix it"}]},
  {"role":"model","parts":[{"text":"hm","thought":true},
   {"functionCall":{"id":"f","name":"read_file","args":{"url":"x","fileData":{}}},
    "thoughtSignature":"c2ln"}]},
  {"role":"user","parts":[{"functionResponse":{"id":"f","name":"read_file",
   "response":{"output":"fn main() {}"}}}]}],
 "systemInstruction":{"role":"user","parts":[{"text":"You are an agent"}]},
 "tools":[{"functionDeclarations":[{"name":"read_file","description":"reads",
   "parametersJsonSchema":{"type":"object","properties":{"url":{"type":"string"}}}}]}],
 "toolConfig":{"functionCallingConfig":{"mode":"AUTO"}},"labels":{"team":"a"},
 "safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}],
 "generationConfig":{"temperature":0,"topP":1,"topK":64,"maxOutputTokens":8192,
  "responseMimeType":"application/json","responseJsonSchema":{"type":"object"},
  "thinkingConfig":{"includeThoughts":true,"thinkingBudget":-1}}}"#;

/// `LangChain`, with what it takes along from earlier answers.
const LANGCHAIN: &str = r#"{"model":"gpt-4o","max_completion_tokens":1000,"n":1,"stream":true,
 "stream_options":{"include_usage":true},"temperature":0.7,"top_p":1,"seed":1,"stop":["x"],
 "messages":[{"role":"system","content":"be brief"},
  {"role":"user","content":[{"type":"text","text":"hi"}],"name":"u"},
  {"role":"assistant","content":null,"refusal":null,"audio":null,"function_call":null,
   "annotations":[{"type":"url_citation","url_citation":{"url":"https://x","title":"t"}}],
   "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
  {"role":"tool","tool_call_id":"c","content":"ok"}],
 "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object",
   "properties":{"image_url":{"type":"string"}}},"strict":true}}],
 "tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,
 "response_format":{"type":"json_schema","json_schema":{"name":"o","schema":{"type":"object"}}},
 "logit_bias":{"50256":-100},"logprobs":true,"top_logprobs":2,"metadata":{"a":"b"},"user":"u",
 "service_tier":"default","store":false,"safety_identifier":"s","prompt_cache_key":"k",
 "prompt_cache_retention":"in-memory","verbosity":"low","modalities":["text"],
 "models":[]}"#;

/// Vercel's AI SDK at `OpenAI`'s responses.
const AI_SDK: &str = r#"{"model":"gpt-5-mini","input":[{"role":"developer","content":"be brief"},
  {"role":"user","content":[{"type":"input_text","text":"hi"}]},
  {"role":"assistant","id":"msg_1","content":[{"type":"output_text","text":"hello"}]}],
 "text":{"format":{"type":"text"}},"max_output_tokens":500,"metadata":null,"user":null,
 "tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],"tool_choice":"auto",
 "include":["reasoning.encrypted_content"],"truncation":"auto","top_logprobs":0}"#;

/// aider, through `LiteLLM`.
const AIDER: &str = r#"{"model":"deepseek-chat","stream":true,"temperature":0,
 "messages":[{"role":"system","content":"Act as an expert"},{"role":"user","content":"fix it"},
  {"role":"assistant","content":"ok","reasoning_content":"hm","prefix":true}],
 "stop":null,"thinking":{"type":"disabled"},"tools":[],"functions":[],"web_search_options":null}"#;

/// vLLM's and other extras that hosts of open models take.
const OPEN_MODEL: &str = r#"{"model":"openai/gpt-oss-120b","max_completion_tokens":100,
 "messages":[{"role":"user","content":"hi"}],"reasoning_effort":"low","reasoning_format":"hidden",
 "guided_json":{"type":"object"},"chat_template_kwargs":{"enable_thinking":false,"Type":"x"},
 "top_k":40,"min_p":0.1,"repetition_penalty":1.1,"stop_token_ids":[1],"seed":7,
 "citation_options":"disabled","documents":[],"search_settings":{"exclude_domains":["x"]}}"#;

/// Roo Code and others at `OpenRouter`.
const ROO: &str = r#"{"model":"anthropic/claude-sonnet-4.5","max_tokens":8192,"stream":true,
 "messages":[{"role":"system","content":[{"type":"text","text":"x",
   "cache_control":{"type":"ephemeral"}}]},{"role":"assistant","content":"y",
   "reasoning_details":[{"type":"reasoning.text","text":"z","id":"r","signature":"c2ln"}]}],
 "provider":{"order":["anthropic"],"data_collection":"deny"},"transforms":["middle-out"],
 "models":[],"route":"fallback","reasoning":{"effort":"high"},"usage":{"include":true},
 "include_reasoning":true,"plugins":[],"stream_options":{"include_usage":true}}"#;

/// The `OpenAI` SDK at Google.
const COMPATIBLE: &str = r#"{"model":"gemini-2.5-flash","max_tokens":100,
 "messages":[{"role":"user","content":"hi"}],
 "extra_body":{"google":{"thinking_config":{"thinking_budget":100,"include_thoughts":true}}}}"#;

const COHERE: &str = r#"{"model":"command-a-03-2025","messages":[{"role":"user","content":"hi"},
  {"role":"tool","tool_call_id":"c","content":[{"type":"document","document":{"data":{"Text":"x"}}}]}],
 "documents":[{"id":"d","data":{"Text":"x","url":"https://x"}}],"max_tokens":100,
 "citation_options":{"mode":"FAST"},"safety_mode":"NONE","response_format":{"type":"json_object"},
 "thinking":{"type":"disabled"},"strict_tools":true,"k":0,"p":0.75}"#;

const PERPLEXITY: &str = r#"{"model":"sonar-pro","messages":[{"role":"user","content":"hi"}],
 "max_tokens":100,"search_domain_filter":["x.org"],"search_recency_filter":"day",
 "return_images":false,"return_related_questions":true,"search_mode":"web",
 "web_search_options":{"search_context_size":"low","user_location":{"country":"US"}},
 "media_response":{"overrides":{"return_videos":false}}}"#;

#[test]
fn what_clients_send_is_bounded() {
    let cases = [
        ("anthropic", MESSAGES, CLAUDE_CODE, 32_000),
        ("openai", RESPONSES, CODEX, 128_000),
        ("google", GEMINI, GEMINI_CLI, 8_192),
        ("openai", CHAT, LANGCHAIN, 1_000),
        ("openai", RESPONSES, AI_SDK, 500),
        ("deepseek", "/chat/completions", AIDER, 8_192),
        ("groq", "/openai/v1/chat/completions", OPEN_MODEL, 100),
        ("openrouter", ROUTER, ROO, 8_192),
        ("google", "/v1beta/openai/chat/completions", COMPATIBLE, 100),
        ("cohere", "/v2/chat", COHERE, 100),
        ("perplexity", "/chat/completions", PERPLEXITY, 100),
    ];
    for (provider, path, body, output) in cases {
        let demand = sure(provider, path, body).demand;
        assert!(demand.bounded && demand.input < 8_000, "{provider}: {demand:?}");
        assert_eq!((demand.output, demand.multiplicity), (output, 1), "{provider}");
    }
}

#[test]
fn a_long_session_stays_within_the_context() {
    let long = CLAUDE_CODE.replace("fn main() {}", &"x".repeat(900_000));
    let old = long.replace("claude-opus-4-6", "claude-sonnet-4-5");
    assert_eq!(sure("anthropic", MESSAGES, &old).demand.input, 200_000);
}
