//go:build unix

package npm_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed8935e608/residua/weights/npm"
	"github.com/seed8935e608/residua/weights/npm/npmtest"
)

// TestTwoBuildsAtOnce starts several builds on an empty cache. One downloads, and the others wait for it.
func TestTwoBuildsAtOnce(t *testing.T) {
	calls := serve(t, npmtest.Deliver, tiny)
	t.Setenv("RESIDUA_CACHE", t.TempDir())
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			err := npm.WithCache(t.Context(), nil, func(c *npm.Cache) error {
				_, err := c.Tarball(t.Context(), tinyPackage)
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

// TestLockStops: waiting for another process can be cancelled.
func TestLockStops(t *testing.T) {
	c, log := npmtest.NewCache(t)
	unlock, err := npm.Lock(c, t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := npm.Lock(c, ctx); err != context.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(log.String(), "waiting for another process") {
		t.Errorf("the log says %q", log)
	}
	unlock()
	unlock, err = npm.Lock(c, t.Context())
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}
