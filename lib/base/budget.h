// Budget: how many bytes of one kind may be held at once, and how many are. Whoever takes a share asks has_room() first,
// where there is another way than taking it; a share counts until it ends. Of one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace bobbin {

class Budget {
 public:
  explicit Budget(size_t bytes_max = SIZE_MAX) : books_(std::make_shared<Books>(Books{bytes_max, 0})) {}

  size_t max() const { return books_->max; }
  void set_max(size_t bytes_max) { books_->max = bytes_max; }
  size_t used() const { return books_->used; }
  size_t left() const { return books_->max - (books_->used < books_->max ? books_->used : books_->max); }
  bool has_room(size_t bytes) const { return bytes <= left(); }

 private:
  struct Books {
    size_t max, used;
  };

 public:
  // May outlive the Budget.
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept : books_(std::move(other.books_)), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      resize(0);
      books_ = std::move(other.books_);
      bytes_ = std::exchange(other.bytes_, 0);
      return *this;
    }
    ~Share() { resize(0); }
    size_t bytes() const { return bytes_; }
    void resize(size_t bytes) {
      if (!books_) return;
      books_->used = books_->used - bytes_ + bytes;
      bytes_ = bytes;
    }

   private:
    friend Budget;
    explicit Share(std::shared_ptr<Books> books) : books_(std::move(books)) {}
    std::shared_ptr<Books> books_;
    size_t bytes_ = 0;
  };

  Share take(size_t bytes) {
    Share share(books_);
    share.resize(bytes);
    return share;
  }

 private:
  std::shared_ptr<Books> books_;
};

}  // namespace bobbin
