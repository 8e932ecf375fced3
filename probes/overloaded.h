// std::visit with one lambda for each alternative.
#pragma once

namespace podvisor {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace podvisor
