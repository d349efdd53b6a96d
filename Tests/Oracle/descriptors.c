// Made by Tests/MessagesTests/generate-oracle; not edited by hand.
#include "descriptors.h"
#include <string.h>
#include "caravan/demo/v1/accounts.pb-c.h"
#include "caravan/demo/v1/orders.pb-c.h"
#include "caravan/demo/v1/stock.pb-c.h"
#include "caravan/v1/coordinator.pb-c.h"
#include "caravan/v1/transaction.pb-c.h"
#include "easycar/easycar.pb-c.h"
#include "google/api/http.pb-c.h"
#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/empty.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "google/rpc/error_details.pb-c.h"
#include "google/rpc/status.pb-c.h"
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "grpc/reflection/v1alpha/reflection.pb-c.h"

static const ProtobufCMessageDescriptor *const all[] = {
  &caravan__demo__v1__account_request__descriptor,
  &caravan__demo__v1__look_account_request__descriptor,
  &caravan__demo__v1__account_response__descriptor,
  &caravan__demo__v1__place_request__descriptor,
  &caravan__demo__v1__place_response__descriptor,
  &caravan__demo__v1__withdraw_response__descriptor,
  &caravan__demo__v1__look_order_request__descriptor,
  &caravan__demo__v1__order__descriptor,
  &caravan__demo__v1__stock_request__descriptor,
  &caravan__demo__v1__look_item_request__descriptor,
  &caravan__demo__v1__stock_response__descriptor,
  &caravan__v1__begin_request__descriptor,
  &caravan__v1__begin_response__descriptor,
  &caravan__v1__register_request__descriptor,
  &caravan__v1__register_response__descriptor,
  &caravan__v1__start_request__descriptor,
  &caravan__v1__start_response__descriptor,
  &caravan__v1__commit_request__descriptor,
  &caravan__v1__commit_response__descriptor,
  &caravan__v1__rollback_request__descriptor,
  &caravan__v1__rollback_response__descriptor,
  &caravan__v1__execute_request__descriptor,
  &caravan__v1__execute_response__descriptor,
  &caravan__v1__get_request__descriptor,
  &caravan__v1__get_response__descriptor,
  &caravan__v1__list_request__descriptor,
  &caravan__v1__list_response__descriptor,
  &caravan__v1__watch_request__descriptor,
  &caravan__v1__watch_response__descriptor,
  &caravan__v1__rollback_summary__descriptor,
  &caravan__v1__retry_policy__descriptor,
  &caravan__v1__grpc_target__descriptor,
  &caravan__v1__http_target__descriptor,
  &caravan__v1__copy__descriptor,
  &caravan__v1__call__descriptor,
  &caravan__v1__call__metadata_entry__descriptor,
  &caravan__v1__completion__descriptor,
  &caravan__v1__completion__metadata_entry__descriptor,
  &caravan__v1__completion_request__descriptor,
  &caravan__v1__completion_response__descriptor,
  &caravan__v1__completion_outcome__descriptor,
  &caravan__v1__branch__descriptor,
  &caravan__v1__branch_outcome__descriptor,
  &caravan__v1__rollback_reason__descriptor,
  &caravan__v1__transaction__descriptor,
  &proto__begin_resp__descriptor,
  &proto__register_req__descriptor,
  &proto__register_req__branch__descriptor,
  &proto__start_req__descriptor,
  &proto__commit_req__descriptor,
  &proto__roll_bck_req__descriptor,
  &proto__get_state_req__descriptor,
  &proto__get_state_resp__descriptor,
  &proto__get_state_resp__branch__descriptor,
  &google__api__http_rule__descriptor,
  &google__protobuf__any__descriptor,
  &google__protobuf__duration__descriptor,
  &google__protobuf__empty__descriptor,
  &google__protobuf__timestamp__descriptor,
  &google__rpc__error_info__descriptor,
  &google__rpc__error_info__metadata_entry__descriptor,
  &google__rpc__retry_info__descriptor,
  &google__rpc__bad_request__descriptor,
  &google__rpc__bad_request__field_violation__descriptor,
  &google__rpc__status__descriptor,
  &grpc__health__v1__health_check_request__descriptor,
  &grpc__health__v1__health_check_response__descriptor,
  &grpc__reflection__v1__server_reflection_request__descriptor,
  &grpc__reflection__v1__extension_request__descriptor,
  &grpc__reflection__v1__server_reflection_response__descriptor,
  &grpc__reflection__v1__file_descriptor_response__descriptor,
  &grpc__reflection__v1__extension_number_response__descriptor,
  &grpc__reflection__v1__list_service_response__descriptor,
  &grpc__reflection__v1__service_response__descriptor,
  &grpc__reflection__v1__error_response__descriptor,
  &grpc__reflection__v1alpha__server_reflection_request__descriptor,
  &grpc__reflection__v1alpha__extension_request__descriptor,
  &grpc__reflection__v1alpha__server_reflection_response__descriptor,
  &grpc__reflection__v1alpha__file_descriptor_response__descriptor,
  &grpc__reflection__v1alpha__extension_number_response__descriptor,
  &grpc__reflection__v1alpha__list_service_response__descriptor,
  &grpc__reflection__v1alpha__service_response__descriptor,
  &grpc__reflection__v1alpha__error_response__descriptor,
};

const ProtobufCMessageDescriptor *oracle_descriptor(const char *name) {
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
    if (strcmp(all[i]->name, name) == 0) return all[i];
  }
  return NULL;
}
