package bank

import "iter"

// ahead gives what a sequence gives, while another goroutine makes the next: at any
// time one thing is in use, and one is under way or waits. What panics there panics
// here, behind what came before it. When ahead ends, with all or before, the other
// goroutine has ended too.
func ahead[T any](all iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		ready, stop := make(chan T), make(chan struct{})
		var caught any
		go func() {
			defer close(ready)
			defer func() { caught = recover() }()
			for next := range all {
				select {
				case ready <- next:
				case <-stop:
					return
				}
			}
		}()
		defer func() {
			close(stop)
			for range ready { // until it has ended
			}
			if caught != nil {
				panic(caught)
			}
		}()
		for next := range ready {
			if !yield(next) {
				return
			}
		}
	}
}
