//go:build !js

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// stateFile is where shares are kept if nobody says otherwise: where this system
// keeps what programs must not lose, or "" where the user has no such place.
func stateFile() string {
	folder := os.Getenv("XDG_STATE_HOME")
	if folder == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		folder = filepath.Join(home, ".local", "state")
		if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
			if folder, err = os.UserConfigDir(); err != nil {
				return ""
			}
		}
	}
	return filepath.Join(folder, "residua", "shares.db")
}

// openShares opens the store at path, and says where that is in words for the
// person who started the server. Without a path it is a file that is gone with
// the server; so it is, too, where path was not chosen and another server has it.
func openShares(path string, byDefault bool, room int64) (s closing, where string, err error) {
	why := ""
	if path != "" {
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			var kept *store
			if kept, err = openStore(path, room); err == nil {
				return closing{store: kept}, "Shares are kept in " + path, nil
			}
		}
		if !byDefault {
			return closing{}, "", err
		}
		why = fmt.Sprintf(": %v. -shares FILE names another", err)
	}
	folder, err := os.MkdirTemp("", "residua-shares-")
	if err != nil {
		return closing{}, "", err
	}
	kept, err := openStore(filepath.Join(folder, "shares.db"), room)
	if err != nil {
		return closing{}, "", errors.Join(err, os.RemoveAll(folder))
	}
	return closing{kept, folder}, "Shares are kept until this server ends" + why, nil
}

// closing is a store that takes its folder along when it closes.
type closing struct {
	*store
	folder string // or ""
}

func (c closing) Close() error {
	err := c.store.Close()
	if c.folder != "" {
		err = errors.Join(err, os.RemoveAll(c.folder))
	}
	return err
}
