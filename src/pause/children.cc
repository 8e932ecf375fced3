#include "pause/children.h"

#include <linux/wait.h>
#include <sys/mman.h>

#include <new>

#include "pause/kernel.h"

namespace podvisor::pause {
namespace {

constexpr std::size_t kPage = 4096;

}  // namespace

/// A page more of unused ones. Pages are never given back: a pod that had many children may again.
bool Children::grow() {
  const long page =
      sys(SYS_mmap, 0, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page < 0) return false;
  auto* memory = reinterpret_cast<Child*>(page);
  for (std::size_t i = 0; i < kPage / sizeof(Child); ++i) {
    Child* child = new (memory + i) Child;
    child->next = unused_;
    unused_ = child;
  }
  return true;
}

Child* Children::add(std::uint64_t id) {
  if (unused_ == nullptr && !grow()) return nullptr;
  Child* child = unused_;
  unused_ = child->next;
  *child = Child{};
  child->id = id;
  Child** end = &first_;
  while (*end != nullptr) end = &(*end)->next;
  return *end = child;
}

Child* Children::find(std::uint64_t id) {
  Child* child = first_;
  while (child != nullptr && child->id != id) child = child->next;
  return child;
}

void Children::erase(const Child* child) {
  Child** link = &first_;
  while (*link != child) link = &(*link)->next;
  Child* gone = *link;
  *link = gone->next;
  for (const int fd : gone->kept.span()) close_fd(fd);
  gone->next = unused_;
  unused_ = gone;
}

void Children::reap() {
  int status = 0;
  for (;;) {
    const long pid = sys(SYS_wait4, -1, &status, WNOHANG, 0);
    if (pid <= 0) return;
    if (pid == init_) init_ended_ = true;
    if (end(pid, status) || !awaits_adoption()) continue;
    orphans_[next_orphan_] = {static_cast<pid_t>(pid), status};
    next_orphan_ = (next_orphan_ + 1) % kOrphans;
  }
}

/// False: not one of the children.
bool Children::end(long pid, int wait_status) {
  for (Child* child = first_; child != nullptr; child = child->next) {
    if (child->pid != pid || child->state != Child::State::Running) continue;
    child->state = Child::State::Exited;
    child->wait_status = wait_status;
    return true;
  }
  return false;
}

bool Children::awaits_adoption() const {
  for (const Child* child = first_; child != nullptr; child = child->next)
    if (child->foster) return true;
  return false;
}

void Children::adopt(Child& child, pid_t pid) {
  child.pid = pid;
  child.state = Child::State::Running;
  child.told = Child::Told::Nothing;
  child.inherited = child.foster = false;
  for (Orphan& orphan : orphans_) {
    if (orphan.pid != pid) continue;
    child.state = Child::State::Exited;
    child.wait_status = orphan.wait_status;
    orphan = {};
  }
}

void Children::forget_told() {
  for (Child* child = first_; child != nullptr;) {
    Child* next = child->next;
    child->told = Child::Told::Nothing;
    child->inherited = true;
    if (child->state == Child::State::Failed) erase(child);
    child = next;
  }
}

std::uint32_t Children::count() const {
  std::uint32_t count = 0;
  for (const Child* child = first_; child != nullptr; child = child->next) ++count;
  return count;
}

}  // namespace podvisor::pause
