// grpc_server PORT: a gRPC server with nothing but the standard health service, on the loopback.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <string>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  grpc::EnableDefaultHealthCheckService(true);
  grpc::CallbackGenericService anything_else;  // unimplemented; a server must have some service
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("127.0.0.1:") + argv[1], grpc::InsecureServerCredentials());
  builder.RegisterCallbackGenericService(&anything_else);
  const auto server = builder.BuildAndStart();
  if (!server) return 1;
  server->Wait();
}
