package bank

import "iter"

// runner makes what a sequence gives in a goroutine of its own: at any time one thing
// is in use, and one is under way or waits.
type runner[T any] struct {
	ready  chan T
	stop   chan struct{}
	ended  chan struct{} // closed when nothing more is made
	caught any           // what the goroutine panicked with, once it has ended
}

// running begins at once. Its end must be called.
func running[T any](all iter.Seq[T]) *runner[T] {
	r := &runner[T]{ready: make(chan T), stop: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(r.ready)
		defer close(r.ended)
		defer func() { r.caught = recover() }()
		for next := range all {
			select {
			case r.ready <- next:
			case <-r.stop:
				return
			}
		}
	}()
	return r
}

// next is the next thing; false: there are no more, or their making panicked, which end tells.
func (r *runner[T]) next() (T, bool) {
	next, more := <-r.ready
	return next, more
}

// end comes back when the goroutine has ended. What panicked there panics here.
func (r *runner[T]) end() {
	close(r.stop)
	for range r.ready { // until it has ended
	}
	if r.caught != nil {
		panic(r.caught)
	}
}

// ahead gives what a sequence gives, while another goroutine makes the next. What
// panics there panics here, behind what came before it. When ahead ends, with all or
// before, the other goroutine has ended too.
func ahead[T any](all iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		r := running(all)
		defer r.end()
		for next, more := r.next(); more; next, more = r.next() {
			if !yield(next) {
				return
			}
		}
	}
}
