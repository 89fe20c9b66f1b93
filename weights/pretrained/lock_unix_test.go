//go:build unix

package pretrained

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed8935e608/residua/weights"
)

// TestTwoBuildsAtOnce starts several builds on one empty cache; one downloads,
// the others wait for it.
func TestTwoBuildsAtOnce(t *testing.T) {
	_, _, n, calls := tinyBuild(t, "deliver")
	t.Setenv("RESIDUA_CACHE", t.TempDir())
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			err := withStore(t.Context(), Options{}, func(s *store) error {
				_, err := s.model(t.Context(), n, weights.F16)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := calls(); len(got) != 1 {
		t.Errorf("npm was called with %q", got)
	}
}

// TestLockStops: waiting for another process can be cancelled too.
func TestLockStops(t *testing.T) {
	s, log := newStore(t)
	unlock, err := s.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.lock(ctx); err != context.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(log.String(), "waiting for another process") {
		t.Errorf("the log says %q", log)
	}
	unlock()
	unlock, err = s.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}
