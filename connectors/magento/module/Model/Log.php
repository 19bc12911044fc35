<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Model;

use Psr\Log\LoggerInterface;

/**
 * What went wrong with us, said once a request and place: the shop goes on.
 */
class Log
{
    /** @var array<string, bool> */
    private array $said = [];

    /**
     * @param LoggerInterface $logger
     */
    public function __construct(private readonly LoggerInterface $logger)
    {
    }

    /**
     * Notes a failure. Raises nothing.
     *
     * @param string $place what was being done, like "gifts"
     * @param \Throwable $failure
     * @return void
     */
    public function failure(string $place, \Throwable $failure): void
    {
        $this->say($place, sprintf(
            '%s: %s (%s:%d)',
            get_class($failure),
            $failure->getMessage(),
            $failure->getFile(),
            $failure->getLine()
        ));
    }

    /**
     * Notes a sentence without a secret in it. Raises nothing.
     *
     * @param string $place
     * @param string $sentence
     * @return void
     */
    public function say(string $place, string $sentence): void
    {
        if (isset($this->said[$place])) {
            return;
        }
        $this->said[$place] = true;
        try {
            $this->logger->error(sprintf('loyalty_bridge %s: %s', $place, $sentence));
        } catch (\Throwable $unheard) {
            unset($unheard);
        }
    }
}
