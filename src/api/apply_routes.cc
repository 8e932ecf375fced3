#include "api/apply_routes.h"

#include "api/json.h"
#include "api/status_json.h"

namespace podvisor {
namespace {

using Change = ApplyOutcome::Change;

const char* word(Change change) {
  switch (change) {
    case Change::Created:
      return "created";
    case Change::Configured:
      return "configured";
    case Change::Unchanged:
      break;
  }
  return "unchanged";
}

/// As apimachinery aggregates them: one alone, or all in brackets.
HttpResponse refusal(const ApplyRequest& asked, const ApplyRefusal& errors) {
  std::string all;
  for (const std::string& error : errors) all += (all.empty() ? "" : ", ") + error;
  return invalid_options(asked.kind, asked.name, errors.size() == 1 ? all : "[" + all + "]");
}

/// RFC 7234's header, as the API server of Kubernetes sends it.
std::string warning_header(const std::vector<std::string>& warnings) {
  std::string header;
  for (const std::string& warning : warnings) {
    header += header.empty() ? "299 - \"" : ", 299 - \"";
    for (const char c : warning) {
      if (c == '"' || c == '\\') header += '\\';
      header += c >= ' ' && c <= '~' ? c : '?';
    }
    header += '"';
  }
  return header;
}

HttpResponse accepted(const ApplyOutcome& outcome) {
  HttpResponse response = json_response(Json::parse(outcome.document, nullptr, false),
                                        outcome.change == Change::Created ? 201 : 200);
  response.headers["Podvisor-Result"] = word(outcome.change);
  if (!outcome.effect.empty()) response.headers["Podvisor-Effect"] = outcome.effect;
  if (!outcome.warnings.empty()) response.headers["Warning"] = warning_header(outcome.warnings);
  return response;
}

ApplyRequest asked_of(const ApiRequest& request, const char* kind) {
  ApplyRequest asked;
  asked.kind = kind;
  asked.namespace_ = request["namespace"];
  asked.name = request["name"];
  asked.document = request.http.body;
  asked.dry_run = request.http.parameter("dryRun") == "All";
  return asked;
}

HttpReply apply(ApiContext& context, const ApiRequest& request, const char* kind) {
  const auto header = request.http.headers.find("content-type");
  const std::string type = header == request.http.headers.end() ? "" : header->second;
  if (request.http.method == "PATCH" && !type.starts_with("application/apply-patch+"))
    return failure_response({415,
                             "UnsupportedMediaType",
                             "of patches podvisor takes application/apply-patch+yaml (server-side "
                             "apply), not \"" +
                                 type + "\"",
                             {},
                             {}});
  const ApplyRequest asked = asked_of(request, kind);
  const auto outcome = context.manifests.apply(asked);
  return outcome ? accepted(*outcome) : refusal(asked, outcome.error());
}

HttpReply create(ApiContext& context, const ApiRequest& request, const char* kind,
                 const char* plural) {
  ApplyRequest asked = asked_of(request, kind);
  const bool dry_run = std::exchange(asked.dry_run, true);
  const auto would_be = context.manifests.apply(asked);
  if (!would_be) return refusal(asked, would_be.error());
  if (would_be->change != Change::Created)
    return failure_response({409, "AlreadyExists",
                             std::string(plural) + " \"" + would_be->name + "\" already exists",
                             plural, would_be->name});
  asked.dry_run = dry_run;
  const auto outcome = context.manifests.apply(asked);
  return outcome ? accepted(*outcome) : refusal(asked, outcome.error());
}

}  // namespace

HttpReply apply_pod(ApiContext& context, const ApiRequest& request) {
  return apply(context, request, "Pod");
}

HttpReply apply_config_map(ApiContext& context, const ApiRequest& request) {
  return apply(context, request, "ConfigMap");
}

HttpReply apply_secret(ApiContext& context, const ApiRequest& request) {
  return apply(context, request, "Secret");
}

HttpReply apply_service(ApiContext& context, const ApiRequest& request) {
  return apply(context, request, "Service");
}

HttpReply apply_deployment(ApiContext& context, const ApiRequest& request) {
  return apply(context, request, "Deployment");
}

HttpReply create_deployment(ApiContext& context, const ApiRequest& request) {
  return create(context, request, "Deployment", "deployments.apps");
}

HttpReply create_service(ApiContext& context, const ApiRequest& request) {
  return create(context, request, "Service", "services");
}

HttpReply create_pod(ApiContext& context, const ApiRequest& request) {
  return create(context, request, "Pod", "pods");
}

HttpReply create_config_map(ApiContext& context, const ApiRequest& request) {
  return create(context, request, "ConfigMap", "configmaps");
}

HttpReply create_secret(ApiContext& context, const ApiRequest& request) {
  return create(context, request, "Secret", "secrets");
}

}  // namespace podvisor
